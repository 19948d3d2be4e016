;; The smallest useful SmartStream: passes records whose value contains a digit. Written by hand to docs/abi.md,
;; version 1.
;;
;;   wat2wasm digit.wat -o digit.wasm        (from WABT; `wasm-tools parse digit.wat -o digit.wasm` does the same)
;;   fluvio-tui smartstream add digit --file digit.wasm
;;   fluvio-tui consume TOPIC smartstream --use-filter digit
(module
  (memory (export "memory") 1)

  (func (export "smartstream_abi") (result i32)
    (i32.const 1))

  ;; The one region is at 1024; memory grows to hold it.
  (func (export "smartstream_alloc") (param $size i32) (result i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub
        (i32.shr_u (i32.add (local.get $size) (i32.const 66559)) (i32.const 16))
        (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then
        (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1))
          (then (return (i32.const 0))))))
    (i32.const 1024))

  (func (export "smartstream_filter") (param $header i32) (result i32)
    (local $record i32)
    (local $end i32)
    (local $offsets i32)
    (local $values i32)
    (local.set $record (i32.load offset=8 (local.get $header)))
    (local.set $end (i32.load offset=12 (local.get $header)))
    (local.set $offsets (i32.load offset=32 (local.get $header)))
    (local.set $values (i32.load offset=36 (local.get $header)))
    (loop $next
      (i32.store (i32.load offset=60 (local.get $header)) (local.get $record))
      (i32.store8
        (i32.add (i32.load offset=56 (local.get $header)) (local.get $record))
        (call $has_digit
          (i32.add (local.get $values) (call $offset (local.get $offsets) (local.get $record)))
          (i32.add
            (local.get $values)
            (call $offset (local.get $offsets) (i32.add (local.get $record) (i32.const 1))))))
      (local.set $record (i32.add (local.get $record) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $record) (local.get $end))))
    (local.get $record))

  (func $offset (param $offsets i32) (param $index i32) (result i32)
    (i32.load (i32.add (local.get $offsets) (i32.shl (local.get $index) (i32.const 2)))))

  (func $has_digit (param $byte i32) (param $end i32) (result i32)
    (block $none
      (loop $next
        (br_if $none (i32.ge_u (local.get $byte) (local.get $end)))
        (if (i32.lt_u (i32.sub (i32.load8_u (local.get $byte)) (i32.const 48)) (i32.const 10))
          (then (return (i32.const 1))))
        (local.set $byte (i32.add (local.get $byte) (i32.const 1)))
        (br $next)))
    (i32.const 0)))
