//! The source: loading it, finding its functions, and calling them.

use std::cell::UnsafeCell;
use std::ptr::null_mut;

use fluvio_tui_guest::glue::interpreter::{Kind, Outputs, Problem, Source};
use fluvio_tui_guest::glue::ERROR;
use fluvio_tui_guest::prelude::Params;
use fluvio_tui_guest::SmartModuleRecord;
use rquickjs_sys::*;

use crate::context::{self, context, runtime, terminated, Value};
use crate::fault::{self, Fault};
use crate::output::{accumulate, Output};
use crate::{console, record};

const NOTHING: u8 = 0;
const SOMETHING: u8 = 1;

/// The functions that a source may export: its name in this program, in JavaScript, and its kind if it is one.
const FUNCTIONS: [(&str, &str, Option<Kind>); 7] = [
    ("filter", "filter", Some(Kind::Filter)),
    ("map", "map", Some(Kind::Map)),
    ("filter_map", "filterMap", Some(Kind::FilterMap)),
    ("array_map", "arrayMap", Some(Kind::ArrayMap)),
    ("aggregate", "aggregate", Some(Kind::Aggregate)),
    ("init", "init", None),
    ("look_back", "lookBack", None),
];

/// A source that was loaded.
pub struct Script {
    function: Value,
    /// As the source calls it.
    name: String,
    init: Option<Value>,
    look_back: Option<Value>,
}

struct Loaded(UnsafeCell<Option<Script>>);

// A module has no threads.
unsafe impl Sync for Loaded {}

static LOADED: Loaded = Loaded(UnsafeCell::new(None));

impl Script {
    /// The source that was loaded. The host calls nothing else before it.
    #[inline(always)]
    pub fn loaded() -> &'static Script {
        unsafe { &*LOADED.0.get() }.as_ref().expect("a source was loaded")
    }

    /// Load a source; returns the names of its functions in this program.
    pub fn load(source: Source<'_>) -> Result<String, Problem> {
        fault::set_file(source.name);
        context::open();
        record::install();
        unsafe {
            let global = JS_GetGlobalObject(context());
            console::install(global);
            JS_FreeValue(context(), global);
        }
        let (script, found) = Script::of(&run(source)?)?;
        unsafe { *LOADED.0.get() = Some(script) };
        Ok(found)
    }

    fn of(exports: &Value) -> Result<(Script, String), Fault> {
        let names = exports.names()?;
        let mut found: Vec<(&str, String, Option<Kind>)> = Vec::new();
        for name in &names {
            if let Some((word, _, kind)) = FUNCTIONS.iter().find(|one| one.0 == name || one.1 == name) {
                if found.iter().any(|one| one.0 == *word) {
                    return Err(Fault::new(format!("{word} is exported under two names: keep one")));
                }
                found.push((word, name.clone(), *kind));
            }
        }
        let kinds: Vec<&str> = found.iter().filter(|one| one.2.is_some()).map(|one| &*one.1).collect();
        let name = match kinds[..] {
            [name] => name.to_owned(),
            [] => return Err(no_kind(&names)),
            _ => {
                let all = kinds.join(", ");
                return Err(Fault::new(format!("more than one kind is exported: {all}; keep one")));
            }
        };
        let function = |word: &str| -> Result<Option<Value>, Fault> {
            let Some((_, name, _)) = found.iter().find(|one| one.0 == word || one.1 == word) else {
                return Ok(None);
            };
            let value = exports.property(&terminated(name.as_bytes()))?;
            if !value.is_function() {
                return Err(Fault::new(format!("{name} is exported, but is not a function")));
            }
            Ok(Some(value))
        };
        let words: Vec<&str> = found.iter().map(|one| one.0).collect();
        let script = Script {
            function: function(&name)?.expect("it was found"),
            name,
            init: function("init")?,
            look_back: function("look_back")?,
        };
        Ok((script, words.join(" ")))
    }

    /// Call `init` with the parameters; nothing if that fails.
    pub fn init(&self, params: &'static Params) -> Option<()> {
        let Some(init) = &self.init else { return Some(()) };
        let called = arguments_of(params).and_then(|object| call("init", init, &mut [object.raw()]));
        called.map(drop).map_err(|fault| Problem::from(fault).report()).ok()
    }

    pub fn look_back(&self, record: &SmartModuleRecord) -> u8 {
        let Some(function) = &self.look_back else { return SOMETHING };
        reported(record::with_object(record, |object| {
            call("look_back", function, &mut [object]).map(|_| SOMETHING)
        }))
    }

    /// Evaluate a record; returns its result.
    #[inline(always)]
    pub fn evaluate(&self, kind: Kind, record: &SmartModuleRecord, outputs: &mut Outputs) -> u8 {
        reported(record::with_object(record, |object| {
            let value = if kind == Kind::Aggregate {
                let accumulator = Value::of(context::new_text(outputs.accumulator().bytes))?;
                call(&self.name, &self.function, &mut [accumulator.raw(), object])?
            } else {
                call(&self.name, &self.function, &mut [object])?
            };
            self.put(kind, &value, outputs)
        }))
    }

    #[inline(always)]
    fn put(&self, kind: Kind, value: &Value, outputs: &mut Outputs) -> Result<u8, Fault> {
        match kind {
            Kind::Filter => return Ok(value.is_truthy() as u8),
            Kind::FilterMap if value.is_nothing() => return Ok(NOTHING),
            Kind::ArrayMap => return self.put_all(value, outputs),
            Kind::Aggregate => accumulate(value, outputs)?,
            _ if value.is_undefined() => {
                return Err(Fault::new(format!("{} returned nothing: return the new value", self.name)))
            }
            _ => Output::of(value)?.put(outputs),
        }
        Ok(SOMETHING)
    }

    fn put_all(&self, value: &Value, outputs: &mut Outputs) -> Result<u8, Fault> {
        if !value.is_array() {
            return Err(Fault::new(format!("{} returned no array", self.name)));
        }
        let mut count: i64 = 0;
        if unsafe { JS_GetLength(context(), value.raw(), &mut count) } < 0 {
            return Err(Fault::take());
        }
        // An element that has no JSON must not leave outputs of a record that is an error.
        let elements = (0..count)
            .map(|at| Value::of(unsafe { JS_GetPropertyInt64(context(), value.raw(), at) }))
            .collect::<Result<Vec<Value>, Fault>>()?;
        let contents = elements.iter().map(Output::of).collect::<Result<Vec<_>, Fault>>()?;
        contents.iter().for_each(|one| one.put(outputs));
        Ok((count > 0) as u8)
    }
}

/// Run a source as a module; returns what it exports.
fn run(source: Source<'_>) -> Result<Value, Fault> {
    let (text, name) = (terminated(source.text.as_bytes()), terminated(source.name.as_bytes()));
    let flags = (JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY) as i32;
    unsafe {
        let length = text.to_bytes().len();
        let module = JS_Eval(context(), text.as_ptr(), length as _, name.as_ptr(), flags);
        if JS_IsException(module) {
            return Err(Fault::take());
        }
        let definition = JS_VALUE_GET_PTR(module) as *mut JSModuleDef;
        let done = Value::of(JS_EvalFunction(context(), module))?;
        run_jobs()?;
        let state = JS_PromiseState(context(), done.raw());
        if state == JSPromiseStateEnum_JS_PROMISE_REJECTED {
            JS_Throw(context(), JS_PromiseResult(context(), done.raw()));
            return Err(Fault::take());
        }
        if state == JSPromiseStateEnum_JS_PROMISE_PENDING {
            return Err(Fault::new("the file waits at its top level for what never comes"));
        }
        Value::of(JS_GetModuleNamespace(context(), definition))
    }
}

fn no_kind(names: &[String]) -> Fault {
    let found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    Fault::new(format!(
        "no kind of SmartStream is exported, but {found}: write `export function filter(record) {{ … }}`, or map, \
         filterMap, arrayMap or aggregate"
    ))
}

fn arguments_of(params: &Params) -> Result<Value, Fault> {
    let object = Value::of(unsafe { JS_NewObject(context()) })?;
    for (name, value) in params.iter() {
        let (name, value) = (terminated(name.as_bytes()), Value::text(value));
        unsafe { JS_SetPropertyStr(context(), object.raw(), name.as_ptr(), value.into_raw()) };
    }
    Ok(object)
}

#[inline(always)]
fn call(name: &str, function: &Value, arguments: &mut [JSValue]) -> Result<Value, Fault> {
    let value = Value::of(unsafe {
        JS_Call(context(), function.raw(), JS_UNDEFINED, arguments.len() as _, arguments.as_mut_ptr())
    })?;
    if unsafe { JS_IsJobPending(runtime()) } {
        run_jobs()?;
    }
    if value.is_promise() {
        return Err(Fault::new(format!("{name} is async and returned a promise: return the result itself")));
    }
    Ok(value)
}

/// Run what promises left to do, so that it does not add up. An exception of the script rejects a promise, which is the
/// script's own concern; a job fails only where memory or stack end.
#[cold]
#[inline(never)]
fn run_jobs() -> Result<(), Fault> {
    let mut context = null_mut();
    loop {
        match unsafe { JS_ExecutePendingJob(runtime(), &mut context) } {
            0 => return Ok(()),
            ended if ended < 0 => return Err(Fault::take()),
            _ => {}
        }
    }
}

#[inline(always)]
fn reported(result: Result<u8, Fault>) -> u8 {
    match result {
        Ok(result) => result,
        Err(fault) => {
            Problem::from(fault).report();
            ERROR
        }
    }
}
