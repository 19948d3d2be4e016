"""Small modules for Fluvio's engine, written by hand."""

from wasmtime import wat2wasm

_MODULE = """(module
  (import "env" "copy_records" (func $answer (param i32 i32)))
  (memory (export "memory") 40)
  (data (i32.const 0) "{data}")
  ;; One place for an input, and one for the region that this program writes into.
  (func (export "alloc") (param $size i32) (result i32)
    (select (i32.const 131072) (i32.const 262144) (i32.lt_u (local.get $size) (i32.const 65536))))
  (func $number (param $at i32) (result i32)
    (i32.or
      (i32.shl (i32.load8_u offset=2 (local.get $at)) (i32.const 8))
      (i32.load8_u offset=3 (local.get $at))))
  (func (export "filter") (param $input i32) (param $size i32) (param i32) (result i32)
    {body})
  {more})"""


def drops_all(more: str = "") -> bytes:
    """A filter that nothing passes; `more` is further text of the module."""
    return _module("(call $answer (i32.const 0) (i32.const 5)) (i32.const 0)", r"\00\00\00\00\00", more)


def never_ends() -> bytes:
    """A filter that evaluates its first record without end."""
    return _module("(loop $again (br $again)) (i32.const 0)")


def passes_all(more: str = "") -> bytes:
    """A filter that everything passes, for batches below 64 KiB; `more` is further text of the module."""
    # Behind 8 bytes of the offset and 4 of the length are the number of records, and these.
    body = """
    (i32.store8
      (i32.add (i32.add (local.get $input) (i32.const 12)) (call $number
        (i32.add (local.get $input) (i32.const 8))))
      (i32.const 0))
    (call $answer
      (i32.add (local.get $input) (i32.const 12))
      (i32.add (call $number (i32.add (local.get $input) (i32.const 8))) (i32.const 1)))
    (call $number (i32.add (local.get $input) (i32.const 12)))"""
    return _module(body, more=more)


REFUSED_BY_SPUS = """(func (export "init") (param i32 i32) (param $version i32) (result i32)
  (select (i32.const -1) (i32.const 0) (i32.gt_u (local.get $version) (i32.const 22))))"""
"""Text of a module that SPUs do not start: they pass a higher version of the layout than is passed here."""


def _module(body: str, data: str = "", more: str = "") -> bytes:
    return bytes(wat2wasm(_MODULE.format(body=body, data=data, more=more)))
