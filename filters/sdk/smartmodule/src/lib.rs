//! `fluvio_tui_guest` under the name of Fluvio's SDK, for a cargo project with `use fluvio_smartmodule::…`.

pub use fluvio_tui_guest::*;
pub use fluvio_tui_macros::smartmodule_of_fluvio as smartmodule;
pub use fluvio_tui_macros::smartmodule_of_fluvio as smartstream;
pub use fluvio_tui_macros::SmartOptOfFluvio as SmartOpt;
