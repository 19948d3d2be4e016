//! What is written beside a function: the exports of docs/abi.md.

use proc_macro::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use crate::for_fluvio;
use crate::function::Function;

/// The exports that every SmartStream has, beside the function of its kind.
///
/// All this is written as Rust and not token by token, to be readable. The names in capitals are replaced.
///
/// A second kind in the file is a second `OnlyOneKindInAFile`, and the compiler points at both.
/// `::core` and `::GUEST` mean the same even if the file uses these names. The doc comment goes into a section of
/// its own, for `fluvio-tui smartstream describe`; only WebAssembly allows that name for a section.
const MODULE: &str = r#"
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

        #[export_name = "smartstream_init"]
        extern "C" fn fluvio_tui_init(header: ::core::primitive::u32) -> ::core::primitive::u32 {
            ::GUEST::glue::init(header, &OnlyOneInitInAFile)
        }

        #[export_name = "smartstream_trace"]
        extern "C" fn fluvio_tui_trace(on: ::core::primitive::u32) {
            ::GUEST::glue::trace(on)
        }
    };
"#;

/// The export for a function that takes records. `by_default` has what the file's `init` replaces.
const CALL: &str = r#"
    #[allow(unused_imports)]
    use ::GUEST::glue::by_default::*;

    const _: () = {
        #[export_name = EXPORT]
        extern "C" fn fluvio_tui_call(header: ::core::primitive::u32) -> ::core::primitive::u32 {
            #[allow(unused_imports)]
            use ::GUEST::glue::{Accumulator, Answer, Argument, ByDebug, ByDisplay, MARKER};
            ::GUEST::glue::DRIVER(header, |record, outputs| {
                READ
                let answer = FUNCTION(ARGUMENTS);
                match ANSWER {
                    ::core::result::Result::Ok(result) => result,
                    ::core::result::Result::Err(error) => {
                        (&error).report();
                        ::GUEST::glue::ERROR
                    }
                }
            })
        }

        FOR_FLUVIO
    };
"#;

/// What `smartstream_init` calls.
const INIT: &str = r#"
    #[allow(non_upper_case_globals, dead_code)]
    ONLY_ONE_INIT ::GUEST::glue::Init<RETURNED_SETTINGS> =
        ::GUEST::glue::Init::new(|params| {
            #[allow(unused_imports)]
            use ::GUEST::glue::{ByDebug, ByDisplay, InitAnswer, InitArgument};
            let answer = INITIALIZED;
            match SETTINGS {
                ::core::result::Result::Ok(settings) => ::core::option::Option::Some(settings),
                ::core::result::Result::Err(error) => {
                    (&error).report();
                    ::core::option::Option::None
                }
            }
        }) END
"#;

/// A second one in the file is reported as a second kind is.
const ONLY_ONE_LOOK_BACK: &str = "#[allow(dead_code)] ONLY_ONE";

const READ: &str = r#"
    let NAME = match PLACED {
        ::core::result::Result::Ok(read) => read,
        ::core::result::Result::Err(unreadable) => {
            unreadable.report();
            return ::GUEST::glue::ERROR;
        }
    };
"#;

/// The code beside `function`, compiled with the crate that is called `guest`.
pub fn glue(function: &Function, guest: &str) -> TokenStream {
    let role = function.role;
    let parts: &[&str] = if function.options.is_some() {
        &[MODULE, CALL, INIT]
    } else if role.is_kind() {
        &[MODULE, CALL]
    } else if role.is_init() {
        &[INIT]
    } else {
        &[ONLY_ONE_LOOK_BACK, CALL]
    };
    let (module, call) = if for_fluvio::wanted() { (for_fluvio::MODULE, for_fluvio::CALL) } else { ("", "") };
    let mut code = parts.concat().replace("FOR_FLUVIO", call);
    if role.is_kind() {
        code.push_str(module);
    }
    let makes_records = role.is_kind() && role.word != "filter";
    let only_one = if role.is_kind() { "Kind" } else { "LookBack" };
    replace(rust(&code), &|word, span| {
        Some(match word {
            "ONLY_ONE" => placed(&format!("struct OnlyOne{}InAFile;", only_one), function.name.span()),
            "ONLY_ONE_INIT" => placed("static OnlyOneInitInAFile:", function.name.span()),
            "GUEST" => TokenTree::from(Ident::new(guest, span)).into(),
            "DOCUMENTATION" => joined(&function.documentation),
            "EXPORT" => rust(&format!("\"smartstream_{}\"", role.word)),
            "WORD" => rust(&format!("{:?}", role.word)),
            "EVALUATE" => rust(if role.is_kind() { "transform" } else { "look_back" }),
            "KIND" if role.is_kind() => rust(&format!("::{}::glue::fluvio::Kind::{},", guest, role.marker)),
            "KIND" => TokenStream::new(),
            "MARKER" => rust(role.marker),
            "DRIVER" => rust(if makes_records { "transform" } else { "select" }),
            "READ" => read(function, guest),
            "FUNCTION" => TokenTree::from(function.name.clone()).into(),
            "ARGUMENTS" => arguments(function),
            "ANSWER" => placed(&format!("Answer::<{}>::put(answer, outputs)", role.marker), function.returns),
            "INITIALIZED" => initialized(function, guest),
            "RETURNED_SETTINGS" => returned(function, guest),
            // Its place is the end of the whole, for a message about a second one.
            "END" => placed(";", function.returns),
            "SETTINGS" => placed("InitAnswer::settings(answer)", function.returns),
            _ => return None,
        })
    })
}

/// Makes arguments of the record and the accumulator.
fn read(function: &Function, guest: &str) -> TokenStream {
    let sources = [
        ("record", "Argument::of_record(record)"),
        ("accumulator", "Accumulator::of_value(outputs.accumulator())"),
    ];
    let places = function.takes[..function.role.arguments()].iter().rev();
    let read = sources.iter().zip(places).map(|((name, code), place)| {
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

fn arguments(function: &Function) -> TokenStream {
    let count = function.role.arguments();
    let mut code = rust(if count == 2 { "accumulator, record," } else { "record," });
    code.extend(function.takes.get(count).map(|place| placed("OnlyOneInitInAFile.settings()", *place)));
    code
}

/// What makes the settings: a call of `init`, or the conversion of the parameters.
fn initialized(function: &Function, guest: &str) -> TokenStream {
    let code = match function.options {
        Some(_) => {
            "<OPTIONS as ::core::convert::TryFrom<::GUEST::SmartModuleExtraParams>>::try_from(
                ::core::clone::Clone::clone(params)
            )"
        }
        None => "FUNCTION(ARGUMENT)",
    };
    replace(rust(code), &|word, span| {
        Some(match word {
            "OPTIONS" => function.options.clone()?,
            "GUEST" => TokenTree::from(Ident::new(guest, span)).into(),
            "FUNCTION" => TokenTree::from(function.name.clone()).into(),
            "ARGUMENT" => placed("InitArgument::of_params(params)", function.takes[0]),
            _ => return None,
        })
    })
}

/// The type of the settings in what `init` returns.
fn returned(function: &Function, guest: &str) -> TokenStream {
    if let Some(options) = &function.options {
        return options.clone();
    }
    let code = rust(&format!("<ANSWER as ::{}::glue::InitAnswer>::Settings", guest));
    let typed = replace(code, &|word, _| match word {
        "ANSWER" if function.answer.is_empty() => Some(rust("()")),
        "ANSWER" => Some(function.answer.clone()),
        _ => None,
    });
    place(typed, function.returns.resolved_at(Span::call_site()))
}

pub fn rust(code: &str) -> TokenStream {
    code.parse().expect("the glue is Rust")
}

/// `code` with the words replaced for which `replacement` has something else.
pub fn replace(code: TokenStream, replacement: &dyn Fn(&str, Span) -> Option<TokenStream>) -> TokenStream {
    let replaced = code.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), replace(group.stream(), replacement));
            inner.set_span(group.span());
            TokenTree::from(inner).into()
        }
        TokenTree::Ident(word) => {
            replacement(&word.to_string(), word.span()).unwrap_or_else(|| TokenTree::from(word).into())
        }
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
