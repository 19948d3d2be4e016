//! `#[smartstream(filter)]`, its older and newer names, and the code that they add to the function.
//!
//! Written on `proc_macro` alone, so that a filter builds without a package registry.

mod function;
mod glue;
mod kind;
mod problem;

use proc_macro::TokenStream;

use problem::Problem;

/// The name of the crate that a filter is compiled with, unless a project renames it.
const GUEST: &str = "fluvio_tui_guest";

/// Makes a function the filter of its file: `#[smartstream(filter)]`.
#[proc_macro_attribute]
pub fn smartstream(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::word(arguments, "smartstream"), item, GUEST)
}

/// `smartstream` under its name in Fluvio: `#[smartmodule(filter)]`.
#[proc_macro_attribute]
pub fn smartmodule(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::word(arguments, "smartmodule"), item, GUEST)
}

/// `smartmodule` in a project that knows the guest SDK only as `fluvio_smartmodule`.
#[proc_macro_attribute]
pub fn smartmodule_of_fluvio(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::word(arguments, "smartmodule"), item, "fluvio_smartmodule")
}

/// `smartstream` as it was first announced: `#[wasm_bindgen(type = "filter")]`.
#[proc_macro_attribute]
pub fn wasm_bindgen(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::assignment(arguments), item, GUEST)
}

fn expand(kind: Result<(), Problem>, item: TokenStream, guest: &str) -> TokenStream {
    let glue = kind
        .and_then(|()| function::parse(item.clone()))
        .map_or_else(Problem::into_tokens, |filter| glue::glue(&filter, guest));
    // The function itself stays as written, so that diagnostics point into the user's own text.
    item.into_iter().chain(glue).collect()
}
