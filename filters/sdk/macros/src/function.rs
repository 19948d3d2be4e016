//! The function under an attribute: its name, arguments and result.
//!
//! Only functions that can never have the role are refused here, in plain words; checking the types themselves is
//! left to the compiler, which knows what a path means.

use proc_macro::{Delimiter, Ident, Span, TokenStream, TokenTree};

use crate::problem::Problem;
use crate::role::Role;

pub struct Function {
    pub role: &'static Role,
    pub name: Ident,
    /// The lines of its doc comment, each an expression, usually a literal.
    pub documentation: Vec<TokenStream>,
    /// The type of the last argument if it is to be made of the parameters.
    pub options: Option<TokenStream>,
    /// The location of each argument's type.
    pub takes: Vec<Span>,
    /// The location of its return type, and the type, if it has one.
    pub returns: Span,
    pub answer: TokenStream,
}

/// Read a function; `Problem` if it cannot have the role.
pub fn parse(item: TokenStream, role: &'static Role, with_params: bool) -> Result<Function, Problem> {
    let tokens: Vec<TokenTree> = item.into_iter().collect();
    let documentation = documentation(&tokens);
    let mut rest = qualifiers(after_attributes(&tokens), role)?;
    let name = match rest {
        [TokenTree::Ident(name), ..] => name.clone(),
        _ => return Err(Problem::over(rest, Span::call_site(), role.shape())),
    };
    rest = generics(&rest[1..], role)?;
    let (inputs, after) = match rest {
        [TokenTree::Group(inputs), after @ ..] if inputs.delimiter() == Delimiter::Parenthesis => {
            (inputs, after)
        }
        _ => return Err(Problem::over(rest, name.span(), role.shape())),
    };
    let tokens: Vec<TokenTree> = inputs.stream().into_iter().collect();
    let takes = arguments(&tokens, inputs.span(), role)?;
    let options = match split_inputs(&tokens).get(role.arguments()) {
        _ if !with_params => None,
        Some(input) => Some(referent(input).iter().cloned().collect()),
        None => {
            let text = format!(
                "with `params` {} takes one more argument: `&Options`, which has `SmartOpt`",
                role.noun
            );
            return Err(Problem::at(inputs.span(), text));
        }
    };
    let answer = answer(after, inputs.span(), role)?;
    let returns = answer.first().map_or(inputs.span(), TokenTree::span);
    Ok(Function {
        role,
        name,
        documentation,
        options,
        takes,
        returns,
        answer: answer.iter().cloned().collect(),
    })
}

pub fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

pub fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident.to_string() == word)
}

pub fn after_attributes(mut rest: &[TokenTree]) -> &[TokenTree] {
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
fn qualifiers<'a>(mut rest: &'a [TokenTree], role: &Role) -> Result<&'a [TokenTree], Problem> {
    while let [token, after @ ..] = rest {
        rest = after;
        match token {
            TokenTree::Ident(word) if word.to_string() == "fn" => return Ok(rest),
            TokenTree::Ident(word) if word.to_string() == "async" => {
                let text = format!("{} cannot be `async`: it evaluates one record and returns", role.noun);
                return Err(Problem::at(word.span(), text));
            }
            TokenTree::Ident(word) if word.to_string() == "unsafe" => {
                let text = format!("{} cannot be `unsafe`: it must accept any record", role.noun);
                return Err(Problem::at(word.span(), text));
            }
            TokenTree::Ident(word) if ["pub", "const", "extern"].contains(&word.to_string().as_str()) => {}
            TokenTree::Group(_) | TokenTree::Literal(_) => {}
            _ => {
                let text = format!("only a function can be {}: {}", role.noun, role.shape());
                return Err(Problem::at(token.span(), text));
            }
        }
    }
    Err(Problem::at(Span::call_site(), role.shape()))
}

/// Skip `<'a, 'b>`; type and constant parameters are refused, as the host could not choose them.
fn generics<'a>(rest: &'a [TokenTree], role: &Role) -> Result<&'a [TokenTree], Problem> {
    if !rest.first().map_or(false, |token| is_punct(token, '<')) {
        return Ok(rest);
    }
    let mut in_lifetime = false;
    for (index, token) in rest.iter().enumerate().skip(1) {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '>' => return Ok(&rest[index + 1..]),
            TokenTree::Punct(punct) => in_lifetime = punct.as_char() == '\'',
            _ if in_lifetime => in_lifetime = false,
            _ => {
                let text = format!("{} cannot be generic: {}", role.noun, role.shape());
                return Err(Problem::at(token.span(), text));
            }
        }
    }
    Ok(&[])
}

/// The locations of the arguments' types.
fn arguments(tokens: &[TokenTree], whole: Span, role: &Role) -> Result<Vec<Span>, Problem> {
    let tokens = after_attributes(tokens);
    if tokens.iter().take(4).any(|token| is_word(token, "self")) {
        let text = format!("{} is a free function, not a method: {}", role.noun, role.shape());
        return Err(Problem::over(tokens, whole, text));
    }
    let inputs = split_inputs(tokens);
    let most = role.arguments() + !role.is_init() as usize;
    if let Some(surplus) = inputs.get(most) {
        return Err(Problem::over(surplus, whole, role.takes()));
    }
    if inputs.len() < role.arguments() {
        return Err(Problem::at(whole, role.takes()));
    }
    let types = inputs.iter().enumerate().map(|(number, input)| {
        let colon = input.iter().position(|token| is_punct(token, ':')).map_or(0, |colon| colon + 1);
        let written = &input[colon..];
        if number + 1 == role.arguments() && !role.is_init() {
            return record_type(written, whole, role);
        }
        if number == role.arguments() && !written.first().map_or(false, |token| is_punct(token, '&')) {
            return Err(Problem::over(written, whole, role.takes()));
        }
        Ok(written.first().map_or(whole, TokenTree::span))
    });
    types.collect()
}

/// Split at the commas that are not inside `<…>`.
pub fn split_inputs(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let mut depth = 0;
    let inputs = tokens.split(|token| {
        depth += i32::from(is_punct(token, '<')) - i32::from(is_punct(token, '>'));
        depth == 0 && is_punct(token, ',')
    });
    inputs.filter(|input| !input.is_empty()).collect()
}

/// The type that an argument refers to.
fn referent<'a>(input: &'a [TokenTree]) -> &'a [TokenTree] {
    let and = input.iter().position(|token| is_punct(token, '&')).map_or(0, |and| and + 1);
    match &input[and..] {
        [apostrophe, _, referent @ ..] if is_punct(apostrophe, '\'') => referent,
        referent => referent,
    }
}

/// The location of the type of the argument that is the record, or its value.
fn record_type(tokens: &[TokenTree], whole: Span, role: &Role) -> Result<Span, Problem> {
    let referent = match tokens {
        [and, apostrophe, _, referent @ ..] if is_punct(and, '&') && is_punct(apostrophe, '\'') => referent,
        [and, referent @ ..] if is_punct(and, '&') => referent,
        _ => return Err(Problem::over(tokens, whole, role.takes())),
    };
    match referent {
        [TokenTree::Ident(word), ..] if is_foreign(word) => Err(Problem::over(tokens, whole, role.takes())),
        [TokenTree::Ident(_) | TokenTree::Group(_), ..] => Ok(referent[0].span()),
        [colon, ..] if is_punct(colon, ':') => Ok(colon.span()),
        _ => Err(Problem::over(tokens, whole, role.takes())),
    }
}

/// The return type; nothing if it is `()`.
fn answer<'a>(after: &'a [TokenTree], inputs: Span, role: &Role) -> Result<&'a [TokenTree], Problem> {
    let end = after.iter().position(|token| is_body(token) || is_word(token, "where")).unwrap_or(after.len());
    let written = match &after[..end] {
        [dash, head, written @ ..] if is_punct(dash, '-') && is_punct(head, '>') => written,
        _ if !role.is_kind() => &[],
        _ => return Err(Problem::at(inputs, format!("{}; this one returns nothing", role.returns()))),
    };
    if role.word == "filter" && !may_be_bool(written) {
        return Err(Problem::over(written, inputs, role.returns()));
    }
    Ok(written)
}

/// Whether a type can be `bool` or a `Result` of it; of an alias nothing is known here.
fn may_be_bool(written: &[TokenTree]) -> bool {
    match written {
        [TokenTree::Ident(word), ..] => !is_foreign(word) && holds_bool(written),
        [colon, ..] => is_punct(colon, ':') && holds_bool(written),
        [] => false,
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

/// Whether a type is one of std's that is neither a record or value nor a filter's answer.
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
