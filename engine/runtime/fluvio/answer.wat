;; What a Fluvio module imports: `copy_records`, with which it hands its answer over.
(module
  ;; The answer of the last call: where it is in the module's memory, and its length; -1 if there is none.
  (global $at (export "at") (mut i32) (i32.const 0))
  (global $length (export "length") (mut i32) (i32.const -1))

  (func (export "copy_records") (param $answer i32) (param $size i32)
    (global.set $at (local.get $answer))
    (global.set $length (local.get $size)))

  ;; WASI's `proc_exit`: the end of the process would be the end of this program.
  (func (export "exit") (param i32) unreachable)

  ;; In place of an `init`, a `look_back` or a `dealloc` that a module does not have.
  (func (export "no_step") (param i32 i32 i32) (result i32) (i32.const 0))
  (func (export "no_dealloc") (param i32 i32)))
