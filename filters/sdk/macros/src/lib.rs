//! `#[smartstream(filter)]`, its older and newer names, and what they write beside the function.
//!
//! Written on `proc_macro` alone, so that a filter builds without a package registry.

mod function;
mod glue;
mod kind;
mod problem;

use proc_macro::TokenStream;

use problem::Problem;

/// Makes a function the filter of its file: `#[smartstream(filter)]`.
#[proc_macro_attribute]
pub fn smartstream(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::word(arguments, "smartstream"), item)
}

/// As `smartstream`, under the name that it has in Fluvio: `#[smartmodule(filter)]`.
#[proc_macro_attribute]
pub fn smartmodule(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::word(arguments, "smartmodule"), item)
}

/// As `smartstream`, in the words it was first announced with: `#[wasm_bindgen(type = "filter")]`.
#[proc_macro_attribute]
pub fn wasm_bindgen(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(kind::assignment(arguments), item)
}

fn expand(kind: Result<(), Problem>, item: TokenStream) -> TokenStream {
    let glue = kind
        .and_then(|()| function::parse(item.clone()))
        .map_or_else(Problem::into_tokens, |filter| glue::glue(&filter));
    // The function itself stays as it was written, so that the compiler speaks of the person's own text.
    item.into_iter().chain(glue).collect()
}
