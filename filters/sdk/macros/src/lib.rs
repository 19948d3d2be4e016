//! `#[smartstream(filter)]`, its older and newer names, and what they write beside the function.
//!
//! Written on `proc_macro` alone, so that a filter builds without a package registry.

mod function;
mod glue;
mod kind;
mod problem;

use proc_macro::TokenStream;

use problem::Problem;

/// How the crate is called that a filter is compiled with, unless it is known by another name.
const GUEST: &str = "fluvio_tui_guest";

/// Makes a function the filter of its file: `#[smartstream(filter)]`.
#[proc_macro_attribute]
pub fn smartstream(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::word(arguments, "smartstream"), item, GUEST)
}

/// As `smartstream`, under the name that it has in Fluvio: `#[smartmodule(filter)]`.
#[proc_macro_attribute]
pub fn smartmodule(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::word(arguments, "smartmodule"), item, GUEST)
}

/// As `smartmodule`, in a project that knows the guest SDK as `fluvio_smartmodule` and by no other name.
#[proc_macro_attribute]
pub fn smartmodule_of_fluvio(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::word(arguments, "smartmodule"), item, "fluvio_smartmodule")
}

/// As `smartstream`, in the words it was first announced with: `#[wasm_bindgen(type = "filter")]`.
#[proc_macro_attribute]
pub fn wasm_bindgen(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::assignment(arguments), item, GUEST)
}

fn expand(kind: Result<(), Problem>, item: TokenStream, guest: &str) -> TokenStream {
    let glue = kind
        .and_then(|()| function::parse(item.clone()))
        .map_or_else(Problem::into_tokens, |filter| glue::glue(&filter, guest));
    // The function itself stays as it was written, so that the compiler speaks of the person's own text.
    item.into_iter().chain(glue).collect()
}
