//! What stands in the attribute's parentheses: `filter`, the one kind there is.

use proc_macro::{Span, TokenStream, TokenTree};

use crate::problem::Problem;

/// `filter`, as in `#[smartstream(filter)]`.
pub fn word(arguments: TokenStream, attribute: &str) -> Result<(), Problem> {
    let tokens: Vec<TokenTree> = arguments.into_iter().collect();
    let text = format!("expected `#[{}(filter)]`: a filter is the one kind there is for now", attribute);
    match tokens.as_slice() {
        [TokenTree::Ident(kind)] if kind.to_string() == "filter" => Ok(()),
        [TokenTree::Ident(kind), rest @ ..] if kind.to_string() == "filter" => {
            Err(Problem::over(rest, kind.span(), text))
        }
        _ => Err(Problem::over(&tokens, Span::call_site(), text)),
    }
}

/// `type = "filter"`, as in `#[wasm_bindgen(type = "filter")]`.
pub fn assignment(arguments: TokenStream) -> Result<(), Problem> {
    let tokens: Vec<TokenTree> = arguments.into_iter().collect();
    let written: Vec<String> = tokens.iter().map(TokenTree::to_string).collect();
    if written == ["type", "=", "\"filter\""] {
        return Ok(());
    }
    let text = "expected `#[wasm_bindgen(type = \"filter\")]`: a filter is the one kind there is for now";
    Err(Problem::over(&tokens, Span::call_site(), text))
}
