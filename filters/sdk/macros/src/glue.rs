//! What is written beside a filter: the exports of docs/abi.md.

use proc_macro::{Group, Span, TokenStream, TokenTree};

use crate::function::Filter;

/// Written as Rust and not token by token, for whoever reads it. The names in capitals are replaced.
///
/// A second filter in the file is a second `OnlyOneFilterInAFile`, and the compiler points at both.
/// `::core` and `::fluvio_tui_guest` mean the same whatever else the file names so.
const GLUE: &str = r#"
    #[allow(dead_code)]
    ONLY_ONE

    const _: () = {
        #[export_name = "smartstream_abi"]
        extern "C" fn fluvio_tui_abi() -> ::core::primitive::u32 {
            ::fluvio_tui_guest::glue::ABI_VERSION
        }

        #[export_name = "smartstream_alloc"]
        extern "C" fn fluvio_tui_alloc(size: ::core::primitive::u32) -> ::core::primitive::u32 {
            ::fluvio_tui_guest::glue::alloc(size)
        }

        #[export_name = "smartstream_filter"]
        extern "C" fn fluvio_tui_filter(header: ::core::primitive::u32) -> ::core::primitive::u32 {
            #[allow(unused_imports)]
            use ::fluvio_tui_guest::glue::{ByDebug, ByDisplay, FilterAnswer, FilterArgument};
            ::fluvio_tui_guest::glue::judge(header, |record| {
                let argument = ARGUMENT;
                let answer = FUNCTION(argument);
                match ANSWER {
                    ::core::result::Result::Ok(pass) => pass as ::core::primitive::u8,
                    ::core::result::Result::Err(error) => {
                        (&error).tell();
                        ::fluvio_tui_guest::glue::ERROR
                    }
                }
            })
        }
    };
"#;

pub fn glue(filter: &Filter) -> TokenStream {
    let code: TokenStream = GLUE.parse().expect("the glue is Rust");
    replace(code, filter)
}

fn replace(code: TokenStream, filter: &Filter) -> TokenStream {
    code.into_iter().flat_map(|token| replace_token(token, filter)).collect()
}

fn replace_token(token: TokenTree, filter: &Filter) -> TokenStream {
    match token {
        TokenTree::Group(group) => {
            let mut replaced = Group::new(group.delimiter(), replace(group.stream(), filter));
            replaced.set_span(group.span());
            TokenTree::from(replaced).into()
        }
        TokenTree::Ident(word) => match word.to_string().as_str() {
            "ONLY_ONE" => placed("struct OnlyOneFilterInAFile;", filter.name.span()),
            "FUNCTION" => TokenTree::from(filter.name.clone()).into(),
            "ARGUMENT" => placed("FilterArgument::of(record)", filter.takes),
            "ANSWER" => placed("FilterAnswer::answer(answer)", filter.returns),
            _ => TokenTree::from(word).into(),
        },
        token => token.into(),
    }
}

/// Code that the compiler believes to stand at `span`, so that it speaks of the type that is there.
fn placed(code: &str, span: Span) -> TokenStream {
    place(code.parse().expect("the glue is Rust"), span.resolved_at(Span::call_site()))
}

fn place(code: TokenStream, span: Span) -> TokenStream {
    let place_token = |token| {
        let mut token = match token {
            TokenTree::Group(group) => Group::new(group.delimiter(), place(group.stream(), span)).into(),
            token => token,
        };
        token.set_span(span);
        token
    };
    code.into_iter().map(place_token).collect()
}
