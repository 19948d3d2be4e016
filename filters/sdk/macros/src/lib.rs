//! `#[smartstream(filter)]` and its like, their older and newer names, and the code that they add to the function.
//!
//! Written on `proc_macro` alone, so that a SmartStream builds without a package registry.

mod for_fluvio;
mod function;
mod glue;
mod options;
mod problem;
mod role;

use proc_macro::TokenStream;

use problem::Problem;
use role::Role;

/// The name of the crate that a SmartStream is compiled with, unless a project renames it.
const GUEST: &str = "fluvio_tui_guest";

/// Makes a function the SmartStream of its file: `#[smartstream(map)]`.
#[proc_macro_attribute]
pub fn smartstream(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Role::of_word(arguments, "smartstream"), item, GUEST)
}

/// `smartstream` under its name in Fluvio: `#[smartmodule(map)]`.
#[proc_macro_attribute]
pub fn smartmodule(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Role::of_word(arguments, "smartmodule"), item, GUEST)
}

/// `smartmodule` in a project that knows the guest SDK only as `fluvio_smartmodule`.
#[proc_macro_attribute]
pub fn smartmodule_of_fluvio(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Role::of_word(arguments, "smartmodule"), item, "fluvio_smartmodule")
}

/// `smartstream` as it was first announced: `#[wasm_bindgen(type = "filter")]`.
#[proc_macro_attribute]
pub fn wasm_bindgen(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Role::of_type(arguments), item, GUEST)
}

/// Makes settings of parameters, field by field: `#[derive(SmartOpt, Default)]`.
#[proc_macro_derive(SmartOpt)]
pub fn smart_opt(item: TokenStream) -> TokenStream {
    options::expand(item, GUEST)
}

/// `SmartOpt` in a project that knows the guest SDK only as `fluvio_smartmodule`.
#[proc_macro_derive(SmartOptOfFluvio)]
pub fn smart_opt_of_fluvio(item: TokenStream) -> TokenStream {
    options::expand(item, "fluvio_smartmodule")
}

fn expand(role: Result<(&'static Role, bool), Problem>, item: TokenStream, guest: &str) -> TokenStream {
    let glue = role
        .and_then(|(role, with_params)| function::parse(item.clone(), role, with_params))
        .map_or_else(Problem::into_tokens, |function| glue::glue(&function, guest));
    // The function itself stays as written, so that diagnostics point into the user's own text.
    item.into_iter().chain(glue).collect()
}
