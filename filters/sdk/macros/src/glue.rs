//! What is written beside a filter: the exports of docs/abi.md.

use proc_macro::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use crate::function::Filter;

/// Written as Rust and not token by token, to be readable. The names in capitals are replaced.
///
/// A second filter in the file is a second `OnlyOneFilterInAFile`, and the compiler points at both.
/// `::core` and `::GUEST` mean the same even if the file uses these names. The doc comment goes into a section of
/// its own, for `fluvio-tui smartstream describe`; only WebAssembly allows that name for a section.
const GLUE: &str = r#"
    #[allow(dead_code)]
    ONLY_ONE

    const _: () = {
        const FLUVIO_TUI_TEXT: &::core::primitive::str = DOCUMENTATION;

        #[allow(dead_code)]
        #[cfg_attr(target_arch = "wasm32", link_section = "smartstream.doc")]
        static FLUVIO_TUI_DOC: [::core::primitive::u8; FLUVIO_TUI_TEXT.len()] =
            ::GUEST::glue::bytes_of(FLUVIO_TUI_TEXT);

        #[export_name = "smartstream_abi"]
        extern "C" fn fluvio_tui_abi() -> ::core::primitive::u32 {
            ::GUEST::glue::ABI_VERSION
        }

        #[export_name = "smartstream_alloc"]
        extern "C" fn fluvio_tui_alloc(size: ::core::primitive::u32) -> ::core::primitive::u32 {
            ::GUEST::glue::alloc(size)
        }

        #[export_name = "smartstream_filter"]
        extern "C" fn fluvio_tui_filter(header: ::core::primitive::u32) -> ::core::primitive::u32 {
            #[allow(unused_imports)]
            use ::GUEST::glue::{ByDebug, ByDisplay, FilterAnswer, FilterArgument};
            ::GUEST::glue::evaluate(header, |record| {
                let argument = ARGUMENT;
                let answer = FUNCTION(argument);
                match ANSWER {
                    ::core::result::Result::Ok(pass) => pass as ::core::primitive::u8,
                    ::core::result::Result::Err(error) => {
                        (&error).report();
                        ::GUEST::glue::ERROR
                    }
                }
            })
        }
    };
"#;

/// The exports for `filter`, compiled with the crate that is called `guest`.
pub fn glue(filter: &Filter, guest: &str) -> TokenStream {
    let code: TokenStream = GLUE.parse().expect("the glue is Rust");
    replace(code, filter, guest)
}

fn replace(code: TokenStream, filter: &Filter, guest: &str) -> TokenStream {
    code.into_iter().flat_map(|token| replace_token(token, filter, guest)).collect()
}

fn replace_token(token: TokenTree, filter: &Filter, guest: &str) -> TokenStream {
    match token {
        TokenTree::Group(group) => {
            let mut replaced = Group::new(group.delimiter(), replace(group.stream(), filter, guest));
            replaced.set_span(group.span());
            TokenTree::from(replaced).into()
        }
        TokenTree::Ident(word) => match word.to_string().as_str() {
            "ONLY_ONE" => placed("struct OnlyOneFilterInAFile;", filter.name.span()),
            "GUEST" => TokenTree::from(Ident::new(guest, word.span())).into(),
            "DOCUMENTATION" => joined(&filter.documentation),
            "FUNCTION" => TokenTree::from(filter.name.clone()).into(),
            "ARGUMENT" => placed("FilterArgument::of(record)", filter.takes),
            "ANSWER" => placed("FilterAnswer::answer(answer)", filter.returns),
            _ => TokenTree::from(word).into(),
        },
        token => token.into(),
    }
}

/// `::core::concat!(…)` of the lines, each with its line end.
fn joined(lines: &[TokenStream]) -> TokenStream {
    let end: TokenStream = ", \"\\n\",".parse().expect("the end of a line is Rust");
    let text = lines.iter().flat_map(|line| [line.clone(), end.clone()]).collect();
    let arguments = TokenTree::from(Group::new(Delimiter::Parenthesis, text));
    let mut code: TokenStream = "::core::concat!".parse().expect("a macro's name is Rust");
    code.extend([arguments]);
    code
}

/// Code with the location `span`, so that the compiler's messages point at the type there.
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
