//! Values as JSON, both ways: dicts, lists, text, numbers, bools and None.

use std::fmt::{self, Formatter};

use rustpython_vm::builtins::{PyDict, PyFloat, PyInt, PyList, PyStr, PyStrRef, PyTuple};
use rustpython_vm::{AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// How deep a value may be that is written.
const DEEPEST: usize = 200;

/// The value of a text in JSON; `ValueError`.
pub fn parse(bytes: &[u8], vm: &VirtualMachine) -> PyResult {
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let value = Value(vm).deserialize(&mut text).and_then(|value| text.end().map(|_| value));
    value.map_err(|error| vm.new_value_error(format!("not JSON: {error}")))
}

struct Value<'a>(&'a VirtualMachine);

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = PyObjectRef;

    fn deserialize<D: Deserializer<'de>>(self, text: D) -> Result<PyObjectRef, D::Error> {
        text.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = PyObjectRef;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<PyObjectRef, E> {
        Ok(self.0.ctx.none())
    }

    fn visit_bool<E>(self, value: bool) -> Result<PyObjectRef, E> {
        Ok(self.0.ctx.new_bool(value).into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<PyObjectRef, E> {
        Ok(self.0.ctx.new_int(value).into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<PyObjectRef, E> {
        Ok(self.0.ctx.new_int(value).into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<PyObjectRef, E> {
        Ok(self.0.ctx.new_float(value).into())
    }

    fn visit_str<E>(self, value: &str) -> Result<PyObjectRef, E> {
        Ok(self.0.ctx.new_str(value).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<PyObjectRef, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element_seed(Value(self.0))? {
            found.push(item);
        }
        Ok(self.0.ctx.new_list(found).into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<PyObjectRef, A::Error> {
        let dict = self.0.ctx.new_dict();
        while let Some(key) = entries.next_key_seed(Key(self.0))? {
            let value = entries.next_value_seed(Value(self.0))?;
            // The hash of a text does not fail.
            let _ = dict.set_item(&*key, value, self.0);
        }
        Ok(dict.into())
    }
}

struct Key<'a>(&'a VirtualMachine);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = PyStrRef;

    fn deserialize<D: Deserializer<'de>>(self, text: D) -> Result<PyStrRef, D::Error> {
        text.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = PyStrRef;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, value: &str) -> Result<PyStrRef, E> {
        Ok(self.0.ctx.new_str(value))
    }
}

/// The text of a value in JSON, without blanks; `TypeError` and `ValueError` as `json.dumps` raises them.
pub fn write(value: &PyObject, vm: &VirtualMachine) -> PyResult<Vec<u8>> {
    let mut text = Vec::new();
    write_value(value, vm, DEEPEST, &mut text)?;
    Ok(text)
}

fn write_value(value: &PyObject, vm: &VirtualMachine, depth: usize, text: &mut Vec<u8>) -> PyResult<()> {
    if depth == 0 {
        return Err(vm.new_value_error(format!("JSON of more than {DEEPEST} levels")));
    }
    if vm.is_none(value) {
        text.extend_from_slice(b"null");
    } else if let Some(string) = value.downcast_ref::<PyStr>() {
        write_text(&string.to_string_lossy(), text);
    } else if let Some(scalar) = number(value, vm)? {
        text.extend_from_slice(scalar.as_bytes());
    } else if let Some(list) = value.downcast_ref::<PyList>() {
        let items = list.borrow_vec().to_vec();
        write_items(&items, vm, depth, text)?;
    } else if let Some(tuple) = value.downcast_ref::<PyTuple>() {
        write_items(tuple.as_slice(), vm, depth, text)?;
    } else if let Some(dict) = value.downcast_ref::<PyDict>() {
        write_entries(dict.items_vec(), vm, depth, text)?;
    } else {
        let name = value.class().name().to_string();
        return Err(vm.new_type_error(format!(
            "a value of type {name} has no JSON: return text, bytes, or what JSON can have"
        )));
    }
    Ok(())
}

fn write_items(items: &[PyObjectRef], vm: &VirtualMachine, depth: usize, text: &mut Vec<u8>) -> PyResult<()> {
    text.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        write_value(item, vm, depth - 1, text)?;
    }
    text.push(b']');
    Ok(())
}

fn write_entries(
    entries: Vec<(PyObjectRef, PyObjectRef)>,
    vm: &VirtualMachine,
    depth: usize,
    text: &mut Vec<u8>,
) -> PyResult<()> {
    text.push(b'{');
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        match (key.downcast_ref::<PyStr>(), number(key, vm)?) {
            (Some(name), _) => write_text(&name.to_string_lossy(), text),
            (None, Some(scalar)) => write_text(&scalar, text),
            (None, None) if vm.is_none(key) => write_text("null", text),
            (None, None) => {
                let name = key.class().name().to_string();
                return Err(vm.new_type_error(format!("a key of type {name} has no JSON")));
            }
        }
        text.push(b':');
        write_value(value, vm, depth - 1, text)?;
    }
    text.push(b'}');
    Ok(())
}

/// The text of a number or of a bool; None for anything else.
fn number(value: &PyObject, vm: &VirtualMachine) -> PyResult<Option<String>> {
    if value.is(&vm.ctx.true_value) || value.is(&vm.ctx.false_value) {
        return Ok(Some(value.is(&vm.ctx.true_value).to_string()));
    }
    if let Some(int) = value.downcast_ref::<PyInt>() {
        return Ok(Some(int.to_str_radix_10()));
    }
    let Some(float) = value.downcast_ref::<PyFloat>() else { return Ok(None) };
    if !float.to_f64().is_finite() {
        return Err(vm.new_value_error(format!("{} has no JSON", float.to_f64())));
    }
    Ok(Some(vm.ctx.new_float(float.to_f64()).as_object().repr(vm)?.to_string()))
}

fn write_text(content: &str, text: &mut Vec<u8>) {
    serde_json::to_writer(text, content).expect("a text has JSON, and memory takes it");
}
