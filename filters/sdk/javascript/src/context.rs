//! The one context of QuickJS, its values, and functions to make and read them.

use std::borrow::Cow;
use std::cell::Cell;
use std::ffi::{c_char, c_void, CStr};
use std::ptr::null_mut;
use std::slice;

use fluvio_tui_guest::glue::interpreter::STACK_CALLS;
use rquickjs_sys::*;

use crate::fault::Fault;

/// Bytes of the stack in memory that a script may use: beyond, it gets a `RangeError`.
const STACK: u32 = 256 << 10;

struct Context(Cell<*mut JSContext>);

// A module has no threads.
unsafe impl Sync for Context {}

static CONTEXT: Context = Context(Cell::new(null_mut()));

/// The context; it exists once `open` was called.
#[inline(always)]
pub fn context() -> *mut JSContext {
    CONTEXT.0.get()
}

pub fn runtime() -> *mut JSRuntime {
    unsafe { JS_GetRuntime(context()) }
}

/// Make the context, in which nothing can be imported.
pub fn open() {
    unsafe {
        let runtime = JS_NewRuntime();
        JS_SetMaxStackSize(runtime, STACK as _);
        JS_SetModuleLoaderFunc(runtime, None, Some(refuse_import), null_mut());
        CONTEXT.0.set(JS_NewContext(runtime));
        report_deep_stacks();
    }
}

/// By itself an error has the ten innermost calls.
unsafe fn report_deep_stacks() {
    let global = JS_GetGlobalObject(context());
    let error = JS_GetPropertyStr(context(), global, c"Error".as_ptr());
    let most = JS_NewNumber(context(), STACK_CALLS as f64);
    JS_SetPropertyStr(context(), error, c"stackTraceLimit".as_ptr(), most);
    JS_FreeValue(context(), error);
    JS_FreeValue(context(), global);
}

unsafe extern "C" fn refuse_import(
    context: *mut JSContext,
    name: *const c_char,
    _: *mut c_void,
) -> *mut JSModuleDef {
    let text = c"cannot import '%s': a SmartStream is one file, and there are no modules";
    JS_ThrowTypeError(context, text.as_ptr(), name);
    null_mut()
}

/// A value that is released when it is dropped.
pub struct Value(JSValue);

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        unsafe { JS_FreeValue(context(), self.0) }
    }
}

impl Value {
    /// Take over a value that QuickJS returned; its exception if it is one.
    #[inline(always)]
    pub fn of(value: JSValue) -> Result<Value, Fault> {
        if unsafe { JS_IsException(value) } {
            return Err(Fault::take());
        }
        Ok(Value(value))
    }

    pub fn text(text: &str) -> Value {
        Value(new_text(text.as_bytes()))
    }

    #[inline(always)]
    pub fn raw(&self) -> JSValue {
        self.0
    }

    /// Give the value away to a function of QuickJS that releases it.
    pub fn into_raw(self) -> JSValue {
        let value = self.0;
        std::mem::forget(self);
        value
    }

    pub fn property(&self, name: &CStr) -> Result<Value, Fault> {
        Value::of(unsafe { JS_GetPropertyStr(context(), self.0, name.as_ptr()) })
    }

    pub fn is_function(&self) -> bool {
        unsafe { JS_IsFunction(context(), self.0) }
    }

    /// Whether it is null or undefined.
    #[inline(always)]
    pub fn is_nothing(&self) -> bool {
        unsafe { JS_IsNull(self.0) || JS_IsUndefined(self.0) }
    }

    pub fn is_undefined(&self) -> bool {
        unsafe { JS_IsUndefined(self.0) }
    }

    pub fn is_text(&self) -> bool {
        unsafe { JS_IsString(self.0) }
    }

    pub fn is_object(&self) -> bool {
        unsafe { JS_IsObject(self.0) }
    }

    pub fn is_array(&self) -> bool {
        unsafe { JS_IsArray(self.0) }
    }

    #[inline(always)]
    pub fn is_promise(&self) -> bool {
        unsafe { JS_IsPromise(self.0) }
    }

    #[inline(always)]
    pub fn is_truthy(&self) -> bool {
        unsafe { JS_ToBool(context(), self.0) > 0 }
    }

    /// As text, as `String(value)` makes it.
    pub fn to_text(&self) -> Result<String, Fault> {
        self.with_text(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Call `then` with the bytes of its text; what is not UTF-8 is a lone surrogate.
    pub fn with_text<R>(&self, then: impl FnOnce(&[u8]) -> R) -> Result<R, Fault> {
        let mut length = 0;
        unsafe {
            let at = JS_ToCStringLen(context(), &mut length, self.0);
            if at.is_null() {
                return Err(Fault::take());
            }
            let result = then(slice::from_raw_parts(at as *const u8, length));
            JS_FreeCString(context(), at);
            Ok(result)
        }
    }

    /// As JSON; undefined if it has no JSON, such as a function.
    pub fn to_json(&self) -> Result<Value, Fault> {
        Value::of(unsafe { JS_JSONStringify(context(), self.0, JS_UNDEFINED, JS_UNDEFINED) })
    }

    /// The bytes of an `Uint8Array` or an `ArrayBuffer`.
    pub fn bytes(&self) -> Option<&[u8]> {
        let mut length: size_t = 0;
        unsafe {
            let is_array = JS_GetTypedArrayType(self.0) == JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8 as i32;
            let at = if is_array {
                JS_GetUint8Array(context(), &mut length, self.0)
            } else if JS_IsArrayBuffer(self.0) {
                JS_GetArrayBuffer(context(), &mut length, self.0)
            } else {
                return None;
            };
            Some(if at.is_null() { &[] } else { slice::from_raw_parts(at, length as usize) })
        }
    }

    /// The names of its own enumerable properties.
    pub fn names(&self) -> Result<Vec<String>, Fault> {
        let (mut table, mut count) = (null_mut(), 0);
        let which = (JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) as i32;
        unsafe {
            if JS_GetOwnPropertyNames(context(), &mut table, &mut count, self.0, which) < 0 {
                return Err(Fault::take());
            }
            let found = (0..count as usize)
                .map(|at| Value(JS_AtomToValue(context(), (*table.add(at)).atom)).to_text());
            let names = found.collect();
            JS_FreePropertyEnum(context(), table, count);
            names
        }
    }
}

/// A string; invalid UTF-8 becomes U+FFFD.
#[inline(always)]
pub fn new_text(bytes: &[u8]) -> JSValue {
    unsafe { JS_NewStringLen(context(), bytes.as_ptr() as *const c_char, bytes.len() as _) }
}

/// A text that ends with a zero, for QuickJS; zeros in it are left out.
pub fn terminated(text: &[u8]) -> Cow<'_, CStr> {
    let kept: Vec<u8> = text.iter().copied().filter(|byte| *byte != 0).collect();
    Cow::Owned(std::ffi::CString::new(kept).unwrap_or_default())
}
