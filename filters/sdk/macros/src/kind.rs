//! The kind in the attribute's parentheses: `filter` is the only one so far.

use proc_macro::{Span, TokenStream, TokenTree};

use crate::problem::Problem;

/// What Fluvio has besides filters.
const ELSEWHERE: [&str; 7] = ["map", "filter_map", "array_map", "aggregate", "init", "look_back", "params"];

/// `filter`, as in `#[smartstream(filter)]`.
pub fn word(arguments: TokenStream, attribute: &str) -> Result<(), Problem> {
    let tokens: Vec<TokenTree> = arguments.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(kind)] if kind.to_string() == "filter" => Ok(()),
        [TokenTree::Ident(kind), rest @ ..] if kind.to_string() == "filter" => {
            Err(Problem::over(rest, kind.span(), expected(attribute, rest)))
        }
        _ => Err(Problem::over(&tokens, Span::call_site(), expected(attribute, &tokens))),
    }
}

fn expected(attribute: &str, found: &[TokenTree]) -> String {
    let known = format!("expected `#[{}(filter)]`: filters are the only kind so far", attribute);
    let named = found.iter().map(TokenTree::to_string).find(|name| ELSEWHERE.contains(&name.as_str()));
    match named.as_deref() {
        Some("init") => format!("{}; `init` and parameters are not supported yet", known),
        Some("params") => format!("{}; parameters are not supported yet", known),
        Some(name) => format!("{}; `{}` is not supported yet", known, name),
        None => known,
    }
}

/// `type = "filter"`, as in `#[wasm_bindgen(type = "filter")]`.
pub fn assignment(arguments: TokenStream) -> Result<(), Problem> {
    let tokens: Vec<TokenTree> = arguments.into_iter().collect();
    let written: Vec<String> = tokens.iter().map(TokenTree::to_string).collect();
    if written == ["type", "=", "\"filter\""] {
        return Ok(());
    }
    let text = "expected `#[wasm_bindgen(type = \"filter\")]`: filters are the only kind so far";
    Err(Problem::over(&tokens, Span::call_site(), text))
}
