//! Reports a panic's message and place to the host before the panic traps.

use std::fmt::Write;
use std::panic::Location;
use std::process;
use std::sync::Once;

use crate::area;

static HOOK: Once = Once::new();

/// Install the hook, once.
pub(crate) fn install() {
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let payload = info.payload();
            let message = payload
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
                .unwrap_or("a panic without a message");
            area::panic(message, info.location());
        }));
    });
}

/// Replaces std's path from a panic to the hook if a module is linked with `--wrap=rust_begin_unwind`, as inline
/// files are, and std's function has that name.
///
/// Rust 1.63 counts panics and calls the hook for an instance's first two only: here they are not counted.
/// Later versions (1.85) call it for every panic, and name std's function differently (1.97), so that the linker
/// replaces nothing.
#[no_mangle]
extern "Rust" fn __wrap_rust_begin_unwind(info: &core::panic::PanicInfo<'_>) -> ! {
    let mut text = String::new();
    // As in `area::print`.
    let _ = write!(text, "{}", info);
    let place = info.location().map(Location::to_string).unwrap_or_default();
    area::panic(message(&text, &place), info.location());
    // Otherwise the instance would leak them.
    drop((text, place));
    process::abort()
}

/// The message without the place, which comes after it before Rust 1.73, and before it since.
fn message<'a>(text: &'a str, place: &str) -> &'a str {
    let text = text.strip_prefix("panicked at ").unwrap_or(text);
    if let Some(message) = text.strip_prefix(place).and_then(|rest| rest.strip_prefix(":\n")) {
        return message;
    }
    let text = text.strip_prefix('\'').unwrap_or(text);
    text.strip_suffix(place).and_then(|rest| rest.strip_suffix("', ")).unwrap_or(text)
}
