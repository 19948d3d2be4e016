//! What functions return, as outputs.

use fluvio_tui_guest::glue::interpreter::{Outputs, Part};
use rustpython_vm::builtins::{PyByteArray, PyBytes, PyDict, PyStr};
use rustpython_vm::{PyObject, PyObjectRef, PyResult, VirtualMachine};

use crate::json;

/// An output: a text, bytes, `{"key": …, "value": …}`, or anything else as JSON.
pub struct Output {
    key: Content,
    value: Content,
}

impl Output {
    pub fn of(value: &PyObject, vm: &VirtualMachine) -> PyResult<Output> {
        Ok(match pair(value, vm)? {
            Some((key, value)) => {
                let key = key.map_or(Ok(Content::OfInput), |key| Content::of(&key, vm))?;
                Output { key, value: Content::of(&value, vm)? }
            }
            None => Output { key: Content::OfInput, value: Content::of(value, vm)? },
        })
    }

    pub fn put(&self, outputs: &mut Outputs) {
        outputs.push(self.key.part(), self.value.part());
    }
}

/// The bytes of a value that is not None, such as an accumulator.
pub fn bytes_of(value: &PyObject, vm: &VirtualMachine) -> PyResult<Vec<u8>> {
    if let Some(text) = value.downcast_ref::<PyStr>() {
        return Ok(text.to_string_lossy().into_owned().into_bytes());
    }
    if let Some(bytes) = value.downcast_ref::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    if let Some(bytes) = value.downcast_ref::<PyByteArray>() {
        return Ok(bytes.borrow_buf().to_vec());
    }
    json::write(value, vm)
}

/// The key, if there is one, and the value of a dict that has a value and at most a key beside it.
fn pair(value: &PyObject, vm: &VirtualMachine) -> PyResult<Option<(Option<PyObjectRef>, PyObjectRef)>> {
    let Some(dict) = value.downcast_ref::<PyDict>() else { return Ok(None) };
    let Some(value) = dict.get_item_opt("value", vm)? else { return Ok(None) };
    let key = dict.get_item_opt("key", vm)?;
    let fits = dict.__len__() == 1 + usize::from(key.is_some());
    Ok(fits.then_some((key, value)))
}

/// The key or the value of an output.
enum Content {
    Own(Vec<u8>),
    None,
    OfInput,
}

impl Content {
    fn of(value: &PyObject, vm: &VirtualMachine) -> PyResult<Content> {
        if vm.is_none(value) {
            return Ok(Content::None);
        }
        bytes_of(value, vm).map(Content::Own)
    }

    fn part(&self) -> Part<'_> {
        match self {
            Content::Own(bytes) => Part::Own(bytes),
            Content::None => Part::None,
            Content::OfInput => Part::OfInput,
        }
    }
}
