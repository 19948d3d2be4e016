//! The filter function: its name, argument and result.
//!
//! Only functions that can never be a filter are refused here, in plain words; checking the types themselves is
//! left to the compiler, which knows what a path means.

use proc_macro::{Delimiter, Ident, Span, TokenStream, TokenTree};

use crate::problem::Problem;

const SHAPE: &str = "write a filter as `fn name(value: &[u8]) -> bool`";
const TAKES: &str = "a filter takes one argument: the value, `&[u8]`, or the whole record, `&Record`";
const RETURNS: &str = "a filter returns `bool` or `Result<bool>`: whether the record passes";

pub struct Filter {
    pub name: Ident,
    /// The lines of its doc comment, each an expression, usually a literal.
    pub documentation: Vec<TokenStream>,
    /// The location of its argument's type.
    pub takes: Span,
    /// The location of its return type.
    pub returns: Span,
}

/// Read a function; `Problem` if it cannot be a filter.
pub fn parse(item: TokenStream) -> Result<Filter, Problem> {
    let tokens: Vec<TokenTree> = item.into_iter().collect();
    let documentation = documentation(&tokens);
    let mut rest = qualifiers(after_attributes(&tokens))?;
    let name = match rest {
        [TokenTree::Ident(name), ..] => name.clone(),
        _ => return Err(Problem::over(rest, Span::call_site(), SHAPE)),
    };
    rest = generics(&rest[1..])?;
    let (inputs, after) = match rest {
        [TokenTree::Group(inputs), after @ ..] if inputs.delimiter() == Delimiter::Parenthesis => {
            (inputs, after)
        }
        _ => return Err(Problem::over(rest, name.span(), SHAPE)),
    };
    let tokens: Vec<TokenTree> = inputs.stream().into_iter().collect();
    let (takes, returns) = (argument(&tokens, inputs.span())?, answer(after, inputs.span())?);
    Ok(Filter { name, documentation, takes, returns })
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident.to_string() == word)
}

fn after_attributes(mut rest: &[TokenTree]) -> &[TokenTree] {
    while let [hash, TokenTree::Group(_), after @ ..] = rest {
        if !is_punct(hash, '#') {
            break;
        }
        rest = after;
    }
    rest
}

/// The expressions after `doc =` in the attributes: a doc comment is one of them per line.
fn documentation(tokens: &[TokenTree]) -> Vec<TokenStream> {
    let attributes = &tokens[..tokens.len() - after_attributes(tokens).len()];
    let lines = attributes.iter().filter_map(|token| match token {
        TokenTree::Group(attribute) => {
            let written: Vec<TokenTree> = attribute.stream().into_iter().collect();
            match written.as_slice() {
                [doc, equals, text @ ..] if is_word(doc, "doc") && is_punct(equals, '=') => {
                    Some(text.iter().cloned().collect())
                }
                _ => None,
            }
        }
        _ => None,
    });
    lines.collect()
}

/// Skip everything that may precede `fn`.
fn qualifiers(mut rest: &[TokenTree]) -> Result<&[TokenTree], Problem> {
    while let [token, after @ ..] = rest {
        rest = after;
        match token {
            TokenTree::Ident(word) if word.to_string() == "fn" => return Ok(rest),
            TokenTree::Ident(word) if word.to_string() == "async" => {
                return Err(Problem::at(
                    word.span(),
                    "a filter cannot be `async`: it evaluates one record and returns",
                ));
            }
            TokenTree::Ident(word) if word.to_string() == "unsafe" => {
                return Err(Problem::at(
                    word.span(),
                    "a filter cannot be `unsafe`: it must accept any record",
                ));
            }
            TokenTree::Ident(word) if ["pub", "const", "extern"].contains(&word.to_string().as_str()) => {}
            TokenTree::Group(_) | TokenTree::Literal(_) => {}
            _ => {
                return Err(Problem::at(token.span(), format!("only a function can be a filter: {}", SHAPE)))
            }
        }
    }
    Err(Problem::at(Span::call_site(), SHAPE))
}

/// Skip `<'a, 'b>`; type and constant parameters are refused, as the host could not choose them.
fn generics(rest: &[TokenTree]) -> Result<&[TokenTree], Problem> {
    if !rest.first().map_or(false, |token| is_punct(token, '<')) {
        return Ok(rest);
    }
    let mut in_lifetime = false;
    for (index, token) in rest.iter().enumerate().skip(1) {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '>' => return Ok(&rest[index + 1..]),
            TokenTree::Punct(punct) => in_lifetime = punct.as_char() == '\'',
            _ if in_lifetime => in_lifetime = false,
            _ => return Err(Problem::at(token.span(), format!("a filter cannot be generic: {}", SHAPE))),
        }
    }
    Ok(&[])
}

/// The location of the only argument's type.
fn argument(tokens: &[TokenTree], whole: Span) -> Result<Span, Problem> {
    let tokens = after_attributes(tokens);
    if tokens.iter().take(4).any(|token| is_word(token, "self")) {
        let text = format!("a filter is a free function, not a method: {}", SHAPE);
        return Err(Problem::over(tokens, whole, text));
    }
    let inputs = split_inputs(tokens);
    match inputs.as_slice() {
        [] => Err(Problem::at(whole, TAKES)),
        [input] => {
            let colon = input.iter().position(|token| is_punct(token, ':')).map_or(0, |colon| colon + 1);
            argument_type(&input[colon..], whole)
        }
        [_, second, ..] => Err(Problem::over(second, whole, TAKES)),
    }
}

/// Split at the commas that are not inside `<…>`.
fn split_inputs(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let mut depth = 0;
    let inputs = tokens.split(|token| {
        depth += i32::from(is_punct(token, '<')) - i32::from(is_punct(token, '>'));
        depth == 0 && is_punct(token, ',')
    });
    inputs.filter(|input| !input.is_empty()).collect()
}

fn argument_type(tokens: &[TokenTree], whole: Span) -> Result<Span, Problem> {
    let referent = match tokens {
        [and, apostrophe, _, referent @ ..] if is_punct(and, '&') && is_punct(apostrophe, '\'') => referent,
        [and, referent @ ..] if is_punct(and, '&') => referent,
        _ => return Err(Problem::over(tokens, whole, TAKES)),
    };
    match referent {
        [word] if is_word(word, "str") => {
            let text = format!("{}; `str::from_utf8(value)` converts a value to text", TAKES);
            Err(Problem::over(tokens, whole, text))
        }
        [TokenTree::Ident(word), ..] if is_foreign(word) => Err(Problem::over(tokens, whole, TAKES)),
        [TokenTree::Ident(_) | TokenTree::Group(_), ..] => Ok(referent[0].span()),
        [colon, ..] if is_punct(colon, ':') => Ok(colon.span()),
        _ => Err(Problem::over(tokens, whole, TAKES)),
    }
}

/// The location of the return type.
fn answer(after: &[TokenTree], inputs: Span) -> Result<Span, Problem> {
    let end = after.iter().position(|token| is_body(token) || is_word(token, "where")).unwrap_or(after.len());
    let written = match &after[..end] {
        [dash, head, written @ ..] if is_punct(dash, '-') && is_punct(head, '>') => written,
        _ => return Err(Problem::at(inputs, format!("{}; this one returns nothing", RETURNS))),
    };
    match written {
        [TokenTree::Ident(word), ..] if is_foreign(word) => Err(Problem::over(written, inputs, RETURNS)),
        [TokenTree::Ident(_), ..] if holds_bool(written) => Ok(written[0].span()),
        [colon, ..] if is_punct(colon, ':') && holds_bool(written) => Ok(colon.span()),
        _ => Err(Problem::over(written, inputs, RETURNS)),
    }
}

/// Whether a type's first argument, if it has any, is `bool`.
fn holds_bool(written: &[TokenTree]) -> bool {
    match written.iter().position(|token| is_punct(token, '<')).map(|open| &written[open + 1..]) {
        Some([first, after, ..]) => is_word(first, "bool") && (is_punct(after, ',') || is_punct(after, '>')),
        Some(_) => false,
        None => true,
    }
}

/// Whether a type is one of std's that a filter neither takes nor returns.
fn is_foreign(word: &Ident) -> bool {
    const FOREIGN: [&str; 20] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64",
        "char", "String", "Vec", "Option", "impl", "mut",
    ];
    FOREIGN.contains(&word.to_string().as_str())
}

fn is_body(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}
