;; The last step of every chain that is sent to an SPU: puts a record, the mark, behind the records of each batch.
;;
;; An SPU answers nothing where a filter drops all records, and joins the outputs of stored batches with deltas and
;; times that are not theirs. The mark says which batch the outputs before it came from: 24 bytes, a number that only
;; this program knows (NONCE), the batch's base offset, and its base time. It is also there for a batch without
;; outputs, so the SPU always says how far it has read; and it is not there where a step before has failed.
(module
  (import "env" "copy_records" (func $answer (param i32 i32)))
  (memory (export "memory") 1)
  (global $input i32 (i32.const 1024))
  (global $slack i32 (i32.const 64))

  (func (export "alloc") (param $size i32) (result i32)
    (local $pages i32)
    (local.set $pages (i32.sub
      (i32.shr_u
        (i32.add (i32.add (local.get $size) (i32.add (global.get $input) (global.get $slack))) (i32.const 65535))
        (i32.const 16))
      (memory.size)))
    (if (i32.gt_s (local.get $pages) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1)) (then unreachable))))
    (global.get $input))

  (func (export "dealloc") (param i32 i32))

  (func $swapped (param $number i32) (result i32)
    (i32.or
      (i32.rotl (i32.and (local.get $number) (i32.const 0xff00ff00)) (i32.const 8))
      (i32.rotr (i32.and (local.get $number) (i32.const 0x00ff00ff)) (i32.const 8))))

  ;; The input: base offset, length of what follows, number of records, records; base time. The answer begins with the
  ;; number of records, so it is made in place.
  (func (export "filter") (param $at i32) (param $size i32) (param $version i32) (result i32)
    (local $count i32) (local $start i32) (local $end i32) (local $time i64)
    (local.set $start (i32.add (local.get $at) (i32.const 12)))
    (local.set $count (i32.add (call $swapped (i32.load (local.get $start))) (i32.const 1)))
    (local.set $end (i32.add (local.get $start) (call $swapped (i32.load offset=8 (local.get $at)))))
    (local.set $time (i64.load (local.get $end)))
    (i32.store (local.get $start) (call $swapped (local.get $count)))
    ;; Length 30, no attributes, deltas 0, no key; value of 24 bytes, no headers; and no error of the batch.
    (i64.store (local.get $end) (i64.const 0x30000000003c))
    (i64.store offset=6 (local.get $end) (i64.const NONCE))
    (i64.store offset=14 (local.get $end) (i64.load (local.get $at)))
    (i64.store offset=22 (local.get $end) (local.get $time))
    (i32.store16 offset=30 (local.get $end) (i32.const 0))
    (call $answer (local.get $start) (i32.sub (i32.add (local.get $end) (i32.const 32)) (local.get $start)))
    (local.get $count)))
