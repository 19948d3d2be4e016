//! The source: loading it, finding its functions, and calling them.

use std::cell::UnsafeCell;

use fluvio_tui_guest::glue::interpreter::{Kind, Outputs, Problem, Source, FUNCTIONS};
use fluvio_tui_guest::glue::ERROR;
use fluvio_tui_guest::prelude::Params;
use fluvio_tui_guest::SmartModuleRecord;
use rustpython_vm::builtins::{PyBytes, PyDict, PyDictRef, PyList, PyModule, PyStr, PyTuple};
use rustpython_vm::compiler::Mode;
use rustpython_vm::function::IntoFuncArgs;
use rustpython_vm::scope::Scope;
use rustpython_vm::{Interpreter, PyObject, PyObjectRef, PyResult, VirtualMachine};

use crate::fault::{plain, problem};
use crate::output::{bytes_of, Output};
use crate::{host, library, record};

const NOTHING: u8 = 0;
const SOMETHING: u8 = 1;

/// A source that was loaded.
pub struct Script {
    interpreter: Interpreter,
    /// Of its file.
    file: String,
    /// What is called for each record.
    function: PyObjectRef,
    init: Option<PyObjectRef>,
    look_back: Option<PyObjectRef>,
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

    /// Load a source; returns the names of its functions.
    pub fn load(source: Source<'_>) -> Result<String, Problem> {
        let interpreter = library::open();
        let globals = interpreter.enter(|vm| {
            let globals = run(source, vm).map_err(|raised| problem(vm, &raised, source.name));
            host::end_line();
            globals
        })?;
        let found = interpreter.enter(|vm| functions(&globals, vm))?;
        let named = |word: &str| found.iter().find(|one| one.0 == word).map(|one| one.1.clone());
        let function = interpreter.enter(|vm| the_kind(&globals, &found, vm))?;
        let words: Vec<&str> = found.iter().map(|one| one.0).collect();
        let (init, look_back) = (named("init"), named("look_back"));
        let file = source.name.to_owned();
        let script = Script { interpreter, file, function, init, look_back };
        unsafe { *LOADED.0.get() = Some(script) };
        Ok(words.join(" "))
    }

    /// Call `init` with the parameters; nothing if that fails.
    pub fn init(&self, params: &'static Params) -> Option<()> {
        let Some(init) = &self.init else { return Some(()) };
        let called = self.interpreter.enter(|vm| {
            let result = arguments_of(params, vm).and_then(|dict| init.call((dict,), vm));
            host::end_line();
            result.map_err(|raised| problem(vm, &raised, &self.file))
        });
        called.map(drop).map_err(|problem| problem.report()).ok()
    }

    pub fn look_back(&self, record: &SmartModuleRecord) -> u8 {
        let Some(function) = &self.look_back else { return SOMETHING };
        self.with(record, |vm, object| self.call(vm, function, (object,)).map(|_| SOMETHING))
    }

    /// Evaluate a record; returns its result.
    #[inline(always)]
    pub fn evaluate(&self, kind: Kind, record: &SmartModuleRecord, outputs: &mut Outputs) -> u8 {
        self.with(record, |vm, object| {
            let value = if kind == Kind::Aggregate {
                let accumulator = record::text(outputs.accumulator().bytes, vm);
                self.call(vm, &self.function, (accumulator, object))?
            } else {
                self.call(vm, &self.function, (object,))?
            };
            self.put(kind, value, vm, outputs)
        })
    }

    #[inline(always)]
    fn with(
        &self,
        record: &SmartModuleRecord,
        then: impl FnOnce(&VirtualMachine, PyObjectRef) -> Result<u8, Problem>,
    ) -> u8 {
        let result = self.interpreter.enter(|vm| record::with_object(record, vm, |object| then(vm, object)));
        result.unwrap_or_else(|problem| {
            problem.report();
            ERROR
        })
    }

    #[inline(always)]
    fn call(
        &self,
        vm: &VirtualMachine,
        function: &PyObject,
        arguments: impl IntoFuncArgs,
    ) -> Result<PyObjectRef, Problem> {
        function.call(arguments, vm).map_err(|raised| problem(vm, &raised, &self.file))
    }

    #[inline(always)]
    fn put(
        &self,
        kind: Kind,
        value: PyObjectRef,
        vm: &VirtualMachine,
        outputs: &mut Outputs,
    ) -> Result<u8, Problem> {
        if kind == Kind::Filter {
            return self.checked(vm, value.try_to_bool(vm)).map(u8::from);
        }
        if vm.is_none(&value) {
            return match kind {
                Kind::FilterMap => Ok(NOTHING),
                Kind::ArrayMap => Err(plain("array_map returned None: return a list")),
                Kind::Aggregate => Err(plain("aggregate returned None: return the next accumulator")),
                _ => Err(plain("map returned None: return the new value")),
            };
        }
        match kind {
            Kind::ArrayMap => return self.put_all(&value, vm, outputs),
            Kind::Aggregate => outputs.accumulate(&self.checked(vm, bytes_of(&value, vm))?, None),
            _ => self.checked(vm, Output::of(&value, vm))?.put(outputs),
        }
        Ok(SOMETHING)
    }

    fn put_all(&self, value: &PyObject, vm: &VirtualMachine, outputs: &mut Outputs) -> Result<u8, Problem> {
        let one = value.downcastable::<PyStr>() || value.downcastable::<PyBytes>() || value.downcastable::<PyDict>();
        if one {
            return Err(plain("array_map returned no list"));
        }
        // An element that has no JSON must not leave outputs of a record that is an error.
        let elements = self.checked(vm, elements(value, vm))?;
        let contents = elements.iter().map(|one| Output::of(one, vm)).collect::<PyResult<Vec<_>>>();
        let contents = self.checked(vm, contents)?;
        contents.iter().for_each(|one| one.put(outputs));
        Ok(u8::from(!contents.is_empty()))
    }

    #[inline(always)]
    fn checked<T>(&self, vm: &VirtualMachine, result: PyResult<T>) -> Result<T, Problem> {
        result.map_err(|raised| problem(vm, &raised, &self.file))
    }
}

/// Run a source as the module `__main__`; returns what it defines.
fn run(source: Source<'_>, vm: &VirtualMachine) -> PyResult<PyDictRef> {
    record::install(vm)?;
    host::install(vm)?;
    let code = vm.compile(source.text, Mode::Exec, source.name);
    let code = code.map_err(|error| error.into_pyexception(vm, Some(source.text)))?;
    let globals = vm.ctx.new_dict();
    globals.set_item("__file__", vm.ctx.new_str(source.name).into(), vm)?;
    let module = vm.new_module("__main__", globals.clone(), None);
    vm.sys_module.get_attr("modules", vm)?.set_item("__main__", module.into(), vm)?;
    vm.run_code_obj(code, Scope::with_builtins(None, globals.clone(), vm))?;
    Ok(globals)
}

/// The functions of this program that a source defines, in the order of their names here.
fn functions(globals: &PyDictRef, vm: &VirtualMachine) -> Result<Vec<(&'static str, PyObjectRef)>, Problem> {
    let mut found = Vec::new();
    for (name, _) in FUNCTIONS {
        let Ok(Some(value)) = globals.get_item_opt(name, vm) else { continue };
        if !value.is_callable() {
            return Err(plain(format!("{name} is defined, but is not a function")));
        }
        found.push((name, value));
    }
    Ok(found)
}

fn the_kind(
    globals: &PyDictRef,
    found: &[(&'static str, PyObjectRef)],
    vm: &VirtualMachine,
) -> Result<PyObjectRef, Problem> {
    let makes = |name: &str| FUNCTIONS.iter().any(|one| one.0 == name && one.1.is_some());
    let kinds: Vec<_> = found.iter().filter(|one| makes(one.0)).collect();
    match kinds[..] {
        [one] => Ok(one.1.clone()),
        [] => Err(plain(format!(
            "no kind of SmartStream is defined, but {}: write `def filter(record)`, or map, filter_map, array_map \
             or aggregate",
            names(globals, vm)
        ))),
        _ => {
            let all: Vec<&str> = kinds.iter().map(|one| one.0).collect();
            Err(plain(format!("more than one kind is defined: {}; keep one", all.join(", "))))
        }
    }
}

/// What a source defines, but for modules and what begins with an underscore.
fn names(globals: &PyDictRef, vm: &VirtualMachine) -> String {
    let shown = |(name, value): &(PyObjectRef, PyObjectRef)| {
        let name = name.str(vm).ok()?.to_string_lossy().into_owned();
        (!name.starts_with('_') && !value.downcastable::<PyModule>()).then_some(name)
    };
    let found: Vec<String> = globals.items_vec().iter().filter_map(shown).collect();
    if found.is_empty() {
        "nothing".to_owned()
    } else {
        found.join(", ")
    }
}

fn elements(value: &PyObject, vm: &VirtualMachine) -> PyResult<Vec<PyObjectRef>> {
    if let Some(list) = value.downcast_ref::<PyList>() {
        return Ok(list.borrow_vec().to_vec());
    }
    if let Some(tuple) = value.downcast_ref::<PyTuple>() {
        return Ok(tuple.as_slice().to_vec());
    }
    // A generator, for one.
    value.get_iter(vm)?.iter(vm)?.collect()
}

fn arguments_of(params: &Params, vm: &VirtualMachine) -> PyResult<PyDictRef> {
    let dict = vm.ctx.new_dict();
    for (name, value) in params.iter() {
        dict.set_item(name, vm.ctx.new_str(value).into(), vm)?;
    }
    Ok(dict)
}
