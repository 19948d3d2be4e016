//! `fluvio_tui_guest` under the name that Fluvio's SDK has, for a cargo project that says `use fluvio_smartmodule::…`.

pub use fluvio_tui_guest::*;
pub use fluvio_tui_macros::smartmodule_of_fluvio as smartmodule;
pub use fluvio_tui_macros::smartmodule_of_fluvio as smartstream;
