//! The record as a source sees it: an object whose attributes are read when they are asked for.

use std::cell::{Cell, RefCell};
use std::ptr::null;

use fluvio_tui_guest::SmartModuleRecord;
use rustpython_vm::builtins::{PyDictRef, PyStrRef};
use rustpython_vm::class::PyClassImpl;
use rustpython_vm::{pyclass, Py, PyObjectRef, PyPayload, PyResult, VirtualMachine};

use crate::{host, json};

/// The module that has the class of records, for annotations.
const MODULE: &str = "smartstream";

#[pyclass(module = "smartstream", name = "Record")]
#[derive(Debug, PyPayload)]
pub struct Record {
    /// That of the call: the object belongs to the record only while the call lasts.
    serial: u64,
}

struct Current {
    record: Cell<*const SmartModuleRecord>,
    serial: Cell<u64>,
    /// What `json()` returned.
    parsed: RefCell<Option<PyObjectRef>>,
}

// A module has no threads.
unsafe impl Sync for Current {}

static CURRENT: Current =
    Current { record: Cell::new(null()), serial: Cell::new(0), parsed: RefCell::new(None) };

/// Make the class of records.
pub fn install(vm: &VirtualMachine) -> PyResult<()> {
    let class = Record::make_static_type();
    let names = vm.ctx.new_dict();
    names.set_item("Record", class.into(), vm)?;
    let module = vm.new_module(MODULE, names, None);
    vm.sys_module.get_attr("modules", vm)?.set_item(MODULE, module.into(), vm)
}

/// Call `then` with the object of a record.
#[inline(always)]
pub fn with_object<R>(
    record: &SmartModuleRecord,
    vm: &VirtualMachine,
    then: impl FnOnce(PyObjectRef) -> R,
) -> R {
    let serial = CURRENT.serial.get() + 1;
    CURRENT.serial.set(serial);
    CURRENT.record.set(record);
    host::set_time(record.timestamp());
    let result = then(Record { serial }.into_pyobject(vm));
    host::end_line();
    CURRENT.parsed.take();
    CURRENT.record.set(null());
    result
}

#[pyclass]
impl Record {
    /// The text of the value; what is not UTF-8 is U+FFFD.
    #[pygetset]
    fn value(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<PyStrRef> {
        Ok(text(&zelf.current(vm)?.value, vm))
    }

    #[pygetset]
    fn key(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<Option<PyStrRef>> {
        Ok(zelf.current(vm)?.key.as_ref().map(|key| text(key, vm)))
    }

    #[pygetset]
    fn bytes(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult {
        Ok(vm.ctx.new_bytes(zelf.current(vm)?.value.to_vec()).into())
    }

    #[pygetset]
    fn key_bytes(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<Option<PyObjectRef>> {
        Ok(zelf.current(vm)?.key.as_ref().map(|key| vm.ctx.new_bytes(key.to_vec()).into()))
    }

    #[pygetset]
    fn offset(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<i64> {
        Ok(zelf.current(vm)?.offset())
    }

    #[pygetset]
    fn timestamp(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<i64> {
        Ok(zelf.current(vm)?.timestamp())
    }

    #[pygetset]
    fn partition(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<u32> {
        Ok(zelf.current(vm)?.partition())
    }

    /// By name; of a name that occurs more than once, the last.
    #[pygetset]
    fn headers(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<PyDictRef> {
        let headers = vm.ctx.new_dict();
        for (name, value) in zelf.current(vm)?.headers() {
            let value = value.map_or_else(|| vm.ctx.none(), |value| text(value, vm).into());
            headers.set_item(name, value, vm)?;
        }
        Ok(headers)
    }

    #[pygetset]
    fn is_tombstone(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<bool> {
        Ok(zelf.current(vm)?.is_tombstone())
    }

    /// The value of the JSON, parsed once.
    #[pymethod]
    fn json(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult {
        let record = zelf.current(vm)?;
        if let Some(parsed) = &*CURRENT.parsed.borrow() {
            return Ok(parsed.clone());
        }
        let parsed = json::parse(&record.value, vm)?;
        *CURRENT.parsed.borrow_mut() = Some(parsed.clone());
        Ok(parsed)
    }

    /// The record; `TypeError` if the object is that of an earlier call.
    #[inline(always)]
    fn current(&self, vm: &VirtualMachine) -> PyResult<&SmartModuleRecord> {
        let record = unsafe { CURRENT.record.get().as_ref() };
        record.filter(|_| self.serial == CURRENT.serial.get()).ok_or_else(|| {
            vm.new_type_error("this record is of an earlier call: keep what you read of it")
        })
    }
}

/// A text of Python.
#[inline(always)]
pub fn text(bytes: &[u8], vm: &VirtualMachine) -> PyStrRef {
    vm.ctx.new_str(&*String::from_utf8_lossy(bytes))
}
