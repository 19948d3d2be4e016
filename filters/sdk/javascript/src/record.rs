//! The record as a script sees it: an object whose properties are read when they are asked for.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void, CStr};
use std::ptr::{null, null_mut};

use fluvio_tui_guest::SmartModuleRecord;
use rquickjs_sys::*;

use crate::context::{context, new_text};

const PROPERTIES: [(&CStr, c_int); 10] = [
    (c"value", VALUE),
    (c"key", KEY),
    (c"bytes", BYTES),
    (c"keyBytes", KEY_BYTES),
    (c"key_bytes", KEY_BYTES),
    (c"offset", OFFSET),
    (c"timestamp", TIMESTAMP),
    (c"partition", PARTITION),
    (c"isTombstone", IS_TOMBSTONE),
    (c"headers", HEADERS),
];
const VALUE: c_int = 0;
const KEY: c_int = 1;
const BYTES: c_int = 2;
const KEY_BYTES: c_int = 3;
const OFFSET: c_int = 4;
const TIMESTAMP: c_int = 5;
const PARTITION: c_int = 6;
const IS_TOMBSTONE: c_int = 7;
const HEADERS: c_int = 8;

struct Current {
    record: Cell<*const SmartModuleRecord>,
    /// Of the call: its object belongs to the record only while the call lasts. Never 0.
    serial: Cell<usize>,
    class: Cell<JSClassID>,
    /// What `json()` returned.
    parsed: Cell<Option<JSValue>>,
    /// The value with a zero behind it, as QuickJS parses it.
    scratch: Cell<Vec<u8>>,
}

// A module has no threads.
unsafe impl Sync for Current {}

static CURRENT: Current = Current {
    record: Cell::new(null()),
    serial: Cell::new(0),
    class: Cell::new(0),
    parsed: Cell::new(None),
    scratch: Cell::new(Vec::new()),
};

/// The clock of QuickJS: the record's timestamp, in microseconds. `Math.random` starts from it before any record.
#[no_mangle]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    unsafe { CURRENT.record.get().as_ref() }.map_or(1.0, |record| record.timestamp() as f64 * 1000.0)
}

/// Make the class of records.
pub fn install() {
    unsafe {
        let runtime = JS_GetRuntime(context());
        let mut class = 0;
        JS_NewClassID(runtime, &mut class);
        CURRENT.class.set(class);
        let definition = JSClassDef {
            class_name: c"Record".as_ptr(),
            finalizer: None,
            gc_mark: None,
            call: None,
            exotic: null_mut(),
        };
        JS_NewClass(runtime, class, &definition);
        let prototype = JS_NewObject(context());
        PROPERTIES.iter().for_each(|(name, which)| add_getter(prototype, name, *which));
        let parse =
            JS_NewCFunction2(context(), Some(json), c"json".as_ptr(), 0, JSCFunctionEnum_JS_CFUNC_generic, 0);
        JS_SetPropertyStr(context(), prototype, c"json".as_ptr(), parse);
        JS_SetClassProto(context(), class, prototype);
    }
}

unsafe fn add_getter(prototype: JSValue, name: &CStr, which: c_int) {
    // QuickJS calls a getter with `magic` by this type, and takes all functions as one.
    let function: unsafe extern "C" fn(*mut JSContext, JSValue, c_int) -> JSValue = get;
    let getter = JS_NewCFunction2(
        context(),
        Some(std::mem::transmute::<
            unsafe extern "C" fn(*mut JSContext, JSValue, c_int) -> JSValue,
            unsafe extern "C" fn(*mut JSContext, JSValue, c_int, *mut JSValue) -> JSValue,
        >(function)),
        name.as_ptr(),
        0,
        JSCFunctionEnum_JS_CFUNC_getter_magic,
        which,
    );
    let atom = JS_NewAtom(context(), name.as_ptr());
    let flags = (JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE) as c_int;
    JS_DefinePropertyGetSet(context(), prototype, atom, getter, JS_UNDEFINED, flags);
    JS_FreeAtom(context(), atom);
}

/// Call `then` with the object of a record.
#[inline(always)]
pub fn with_object<R>(record: &SmartModuleRecord, then: impl FnOnce(JSValue) -> R) -> R {
    CURRENT.record.set(record);
    CURRENT.serial.set(CURRENT.serial.get().wrapping_add(1).max(1));
    let object = unsafe { JS_NewObjectClass(context(), CURRENT.class.get()) };
    unsafe { JS_SetOpaque(object, CURRENT.serial.get() as *mut c_void) };
    let result = then(object);
    unsafe { JS_FreeValue(context(), object) };
    if let Some(parsed) = CURRENT.parsed.take() {
        unsafe { JS_FreeValue(context(), parsed) };
    }
    CURRENT.record.set(null());
    result
}

/// The record of an object; none, and an exception, if it is that of an earlier call.
unsafe fn record_of<'a>(context: *mut JSContext, object: JSValue) -> Option<&'a SmartModuleRecord> {
    let serial = JS_GetOpaque2(context, object, CURRENT.class.get()) as usize;
    if serial == 0 {
        return None;
    }
    let record = CURRENT.record.get().as_ref().filter(|_| serial == CURRENT.serial.get());
    if record.is_none() {
        JS_ThrowTypeError(context, c"this record is of an earlier call: keep what you read of it".as_ptr());
    }
    record
}

unsafe extern "C" fn get(context: *mut JSContext, this: JSValue, which: c_int) -> JSValue {
    let Some(record) = record_of(context, this) else { return JS_EXCEPTION };
    match which {
        VALUE => new_text(&record.value),
        KEY => record.key.as_ref().map_or(JS_NULL, |key| new_text(key)),
        BYTES => new_bytes(context, &record.value),
        KEY_BYTES => record.key.as_ref().map_or(JS_NULL, |key| new_bytes(context, key)),
        OFFSET => JS_NewFloat64(record.offset() as f64),
        TIMESTAMP => JS_NewFloat64(record.timestamp() as f64),
        PARTITION => JS_NewFloat64(f64::from(record.partition())),
        HEADERS => new_headers(context, record),
        _ => JS_MKVAL(JS_TAG_BOOL, record.is_tombstone() as i32),
    }
}

unsafe fn new_bytes(context: *mut JSContext, bytes: &[u8]) -> JSValue {
    JS_NewUint8ArrayCopy(context, bytes.as_ptr(), bytes.len() as _)
}

/// An object without a prototype, in which no name has a meaning.
unsafe fn new_headers(context: *mut JSContext, record: &SmartModuleRecord) -> JSValue {
    let headers = JS_NewObjectProto(context, JS_NULL);
    for (name, value) in record.headers() {
        let atom = JS_NewAtomLen(context, name.as_ptr() as *const c_char, name.len() as _);
        let value = value.map_or(JS_NULL, |value| new_text(value));
        JS_DefinePropertyValue(context, headers, atom, value, JS_PROP_C_W_E as c_int);
        JS_FreeAtom(context, atom);
    }
    headers
}

unsafe extern "C" fn json(context: *mut JSContext, this: JSValue, _: c_int, _: *mut JSValue) -> JSValue {
    let Some(record) = record_of(context, this) else { return JS_EXCEPTION };
    if let Some(parsed) = CURRENT.parsed.get() {
        return JS_DupValue(context, parsed);
    }
    let mut scratch = CURRENT.scratch.take();
    scratch.clear();
    scratch.extend_from_slice(&record.value);
    scratch.push(0);
    let value =
        JS_ParseJSON(context, scratch.as_ptr() as *const c_char, record.value.len() as _, c"record".as_ptr());
    CURRENT.scratch.set(scratch);
    if !JS_IsException(value) {
        CURRENT.parsed.set(Some(JS_DupValue(context, value)));
    }
    value
}
