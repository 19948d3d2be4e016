//! A panic's message and place, told to the host before the panic traps.

use std::sync::Once;

use crate::area;

static HOOK: Once = Once::new();

/// Put the hook in place; once is enough.
pub(crate) fn install() {
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let payload = info.payload();
            let message = payload
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
                .unwrap_or("a panic without a text");
            area::panic(message, info.location());
        }));
    });
}
