//! `SmartOpt`: a struct whose fields are parameters.

use proc_macro::{Delimiter, Ident, Span, TokenStream, TokenTree};

use crate::function::{after_attributes, is_punct, is_word, split_inputs};
use crate::glue::{replace, rust};
use crate::problem::Problem;

const SHAPE: &str = "`SmartOpt` is for a struct with named fields, e.g. `struct Options { limit: u32 }`";

const CONVERSION: &str = r#"
    impl ::core::convert::TryFrom<::GUEST::SmartModuleExtraParams> for NAME {
        type Error = ::GUEST::Error;

        fn try_from(
            params: ::GUEST::SmartModuleExtraParams,
        ) -> ::core::result::Result<Self, ::GUEST::Error> {
            #[allow(unused_mut)]
            let mut options = <Self as ::core::default::Default>::default();
            FIELDS
            ::core::result::Result::Ok(options)
        }
    }
"#;

const FIELD: &str = r#"
    if let ::core::option::Option::Some(value) = params.optional(PARAM)? {
        options.NAME = VALUE;
    }
"#;

/// The conversion of parameters into the struct `item`.
pub fn expand(item: TokenStream, guest: &str) -> TokenStream {
    let tokens: Vec<TokenTree> = item.into_iter().collect();
    let start = tokens.iter().position(|token| is_word(token, "struct")).map_or(tokens.len(), |at| at + 1);
    let (name, fields) = match &tokens[start..] {
        [TokenTree::Ident(name), TokenTree::Group(fields)] if fields.delimiter() == Delimiter::Brace => {
            (name, fields.stream().into_iter().collect::<Vec<_>>())
        }
        rest => return Problem::over(rest, Span::call_site(), SHAPE).into_tokens(),
    };
    let fields: TokenStream = split_inputs(&fields).into_iter().filter_map(field).collect();
    replace(rust(CONVERSION), &|word, span| {
        Some(match word {
            "NAME" => TokenTree::from(name.clone()).into(),
            "GUEST" => TokenTree::from(Ident::new(guest, span)).into(),
            "FIELDS" => fields.clone(),
            _ => return None,
        })
    })
}

/// The code that sets a field.
fn field(tokens: &[TokenTree]) -> Option<TokenStream> {
    let colon = tokens.iter().position(|token| is_punct(token, ':'))?;
    let name = match after_attributes(&tokens[..colon]) {
        [.., TokenTree::Ident(name)] => name,
        _ => return None,
    };
    let path_end = tokens.iter().position(|token| is_punct(token, '<')).unwrap_or(tokens.len());
    let optional = is_word(&tokens[path_end - 1], "Option");
    let text = name.to_string();
    let param = text.strip_prefix("r#").unwrap_or(&text);
    Some(replace(rust(FIELD), &|word, _| {
        Some(match word {
            "PARAM" => rust(&format!("{:?}", param)),
            "NAME" => TokenTree::from(name.clone()).into(),
            "VALUE" => rust(if optional { "::core::option::Option::Some(value)" } else { "value" }),
            _ => return None,
        })
    }))
}
