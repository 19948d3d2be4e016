//! What is written beside a function for Fluvio's engine, by `smartstream build --target fluvio`.

use std::env;

/// What Fluvio's engine calls, beside the function of its kind.
pub const MODULE: &str = r#"
    const _: () = {
        #[export_name = "alloc"]
        extern "C" fn fluvio_tui_alloc(size: ::core::primitive::u32) -> ::core::primitive::u32 {
            ::GUEST::glue::fluvio::alloc(size)
        }

        #[export_name = "dealloc"]
        extern "C" fn fluvio_tui_dealloc(at: ::core::primitive::u32, size: ::core::primitive::u32) {
            ::GUEST::glue::fluvio::dealloc(at, size)
        }

        #[export_name = "init"]
        extern "C" fn fluvio_tui_init(
            at: ::core::primitive::u32,
            size: ::core::primitive::u32,
            version: ::core::primitive::i32,
        ) -> ::core::primitive::i32 {
            ::GUEST::glue::fluvio::init(at, size, version, |header| {
                ::GUEST::glue::init(header, &OnlyOneInitInAFile)
            })
        }
    };
"#;

/// What it calls with records; stands beside the export that is called instead of it there.
pub const CALL: &str = r#"
    #[export_name = WORD]
    extern "C" fn fluvio_tui_call_for_fluvio(
        at: ::core::primitive::u32,
        size: ::core::primitive::u32,
        version: ::core::primitive::i32,
    ) -> ::core::primitive::i32 {
        ::GUEST::glue::fluvio::EVALUATE(KIND at, size, version, |header| fluvio_tui_call(header))
    }
"#;

/// Whether the module is for Fluvio's engine too. The program that starts the compiler says so.
pub fn wanted() -> bool {
    env::var("SMARTSTREAM_TARGET").map_or(false, |target| target == "fluvio")
}
