//! `console.log` and its like: lines that are printed with their record.

use std::ffi::c_int;

use fluvio_tui_guest::glue;
use rquickjs_sys::*;

use crate::context::{context, Value};
use crate::fault::Fault;

/// Add `console` to the global object.
pub fn install(global: JSValue) {
    unsafe {
        let console = JS_NewObject(context());
        for name in [c"log", c"info", c"warn", c"error", c"debug"] {
            let function = JS_NewCFunction2(
                context(),
                Some(print),
                name.as_ptr(),
                1,
                JSCFunctionEnum_JS_CFUNC_generic,
                0,
            );
            JS_SetPropertyStr(context(), console, name.as_ptr(), function);
        }
        JS_SetPropertyStr(context(), global, c"console".as_ptr(), console);
    }
}

unsafe extern "C" fn print(
    context: *mut JSContext,
    _: JSValue,
    count: c_int,
    arguments: *mut JSValue,
) -> JSValue {
    let mut line = String::new();
    for at in 0..count as usize {
        if at > 0 {
            line.push(' ');
        }
        let Ok(shown) = Value::of(JS_DupValue(context, *arguments.add(at))).and_then(shown) else {
            return JS_ThrowTypeError(context, c"what is printed cannot be shown".as_ptr());
        };
        line.push_str(&shown);
    }
    glue::print_line(format_args!("{}", line));
    JS_UNDEFINED
}

/// Objects as JSON, everything else as text.
fn shown(value: Value) -> Result<String, Fault> {
    if value.is_object() && !value.is_function() && !unsafe { JS_IsError(value.raw()) } {
        if let Ok(json) = value.to_json() {
            if json.is_text() {
                return json.to_text();
            }
        }
    }
    value.to_text()
}
