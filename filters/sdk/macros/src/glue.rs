//! What is written beside a function: the exports of docs/abi.md.

use proc_macro::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use crate::function::Function;

/// Written as Rust and not token by token, to be readable. The names in capitals are replaced.
///
/// A second kind in the file is a second `OnlyOneKindInAFile`, and the compiler points at both.
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

        #[export_name = EXPORT]
        extern "C" fn fluvio_tui_call(header: ::core::primitive::u32) -> ::core::primitive::u32 {
            #[allow(unused_imports)]
            use ::GUEST::glue::{Accumulator, Answer, Argument, ByDebug, ByDisplay, Outcome, MARKER};
            ::GUEST::glue::DRIVER(header, |record, outputs| {
                READ
                let answer = FUNCTION(ARGUMENTS);
                match ANSWER {
                    ::core::result::Result::Ok(outcome) => Outcome::<MARKER>::put(outcome, outputs),
                    ::core::result::Result::Err(error) => {
                        (&error).report();
                        ::GUEST::glue::ERROR
                    }
                }
            })
        }
    };
"#;

const READ: &str = r#"
    let NAME = match PLACED {
        ::core::result::Result::Ok(read) => read,
        ::core::result::Result::Err(unreadable) => {
            unreadable.report();
            return ::GUEST::glue::ERROR;
        }
    };
"#;

/// The exports for `function`, compiled with the crate that is called `guest`.
pub fn glue(function: &Function, guest: &str) -> TokenStream {
    let role = function.role;
    let driver = if role.word == "filter" { "select" } else { "transform" };
    replace(rust(GLUE), &|word, span| {
        Some(match word {
            "ONLY_ONE" => placed("struct OnlyOneKindInAFile;", function.name.span()),
            "GUEST" => TokenTree::from(Ident::new(guest, span)).into(),
            "DOCUMENTATION" => joined(&function.documentation),
            "EXPORT" => rust(&format!("\"smartstream_{}\"", role.word)),
            "MARKER" => rust(role.marker),
            "DRIVER" => rust(driver),
            "READ" => read(function, guest),
            "FUNCTION" => TokenTree::from(function.name.clone()).into(),
            "ARGUMENTS" => rust(if function.takes.len() == 2 { "accumulator, record" } else { "record" }),
            "ANSWER" => placed(&format!("Answer::<{}>::answer(answer)", role.marker), function.returns),
            _ => return None,
        })
    })
}

/// Makes arguments of the record and the accumulator.
fn read(function: &Function, guest: &str) -> TokenStream {
    let sources = [
        ("record", "Argument::of_record(record)"),
        ("accumulator", "Accumulator::of_bytes(outputs.accumulator())"),
    ];
    let read = sources.iter().zip(function.takes.iter().rev()).map(|((name, code), place)| {
        replace(rust(READ), &|word, span| {
            Some(match word {
                "NAME" => rust(name),
                "PLACED" => placed(code, *place),
                "GUEST" => TokenTree::from(Ident::new(guest, span)).into(),
                _ => return None,
            })
        })
    });
    read.collect()
}

fn rust(code: &str) -> TokenStream {
    code.parse().expect("the glue is Rust")
}

/// `code` with the words replaced for which `replacement` has something else.
fn replace(code: TokenStream, replacement: &dyn Fn(&str, Span) -> Option<TokenStream>) -> TokenStream {
    let replaced = code.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), replace(group.stream(), replacement));
            inner.set_span(group.span());
            TokenTree::from(inner).into()
        }
        TokenTree::Ident(word) => replacement(&word.to_string(), word.span())
            .unwrap_or_else(|| TokenTree::from(word).into()),
        token => token.into(),
    });
    replaced.collect()
}

/// `::core::concat!(…)` of the lines, each with its line end.
fn joined(lines: &[TokenStream]) -> TokenStream {
    let end = rust(", \"\\n\",");
    let text = lines.iter().flat_map(|line| [line.clone(), end.clone()]).collect();
    let arguments = TokenTree::from(Group::new(Delimiter::Parenthesis, text));
    let mut code = rust("::core::concat!");
    code.extend([arguments]);
    code
}

/// Code with the location `span`, so that the compiler's messages point at the type there.
fn placed(code: &str, span: Span) -> TokenStream {
    place(rust(code), span.resolved_at(Span::call_site()))
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
