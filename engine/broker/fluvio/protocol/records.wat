;; Batches of records, as Fluvio's log and protocol hold them, from and to the columns of Arrow.
;;
;; A batch is a header of 57 bytes, the number of its records, and the records. Numbers are big-endian in headers,
;; zigzag LEB128 ("varint") inside of records. An answer of an SPU may end in the middle of a batch: what is
;; complete is read, and `next` says which offset comes first after that.
(module
  (memory (export "memory") 1)

  ;; The host says from address 0 on where the columns are (seven i32): offsets and timestamps (i64), ends of values
  ;; and keys (i32, after a first 0), whether there is a key (a byte each), the bytes of values, and those of keys.
  (global $offsets (mut i32) (i32.const 0))
  (global $timestamps (mut i32) (i32.const 0))
  (global $value_ends (mut i32) (i32.const 0))
  (global $key_ends (mut i32) (i32.const 0))
  (global $has_key (mut i32) (i32.const 0))
  (global $values (mut i32) (i32.const 0))
  (global $keys (mut i32) (i32.const 0))

  ;; What was read, for the host from address 32 on: the first offset that is missing (i64), records, bytes of values
  ;; and of keys, records with a key, and the batch that reading has reached (i32).
  (global $next (mut i64) (i64.const 0))
  (global $count (mut i32) (i32.const 0))
  (global $value_bytes (mut i32) (i32.const 0))
  (global $key_bytes (mut i32) (i32.const 0))
  (global $keyed (mut i32) (i32.const 0))
  (global $batch (mut i32) (i32.const 0))
  ;; Whether all records are read, in whatever order their offsets are.
  (global $unordered (mut i32) (i32.const 0))

  (global $at (mut i32) (i32.const 0))

  (global $complete i32 (i32.const 0))
  (global $compressed i32 (i32.const 1))
  (global $malformed i32 (i32.const 2))

  (func $take_places
    (global.set $offsets (i32.load (i32.const 0)))
    (global.set $timestamps (i32.load (i32.const 4)))
    (global.set $value_ends (i32.load (i32.const 8)))
    (global.set $key_ends (i32.load (i32.const 12)))
    (global.set $has_key (i32.load (i32.const 16)))
    (global.set $values (i32.load (i32.const 20)))
    (global.set $keys (i32.load (i32.const 24))))

  (func $u32 (param $from i32) (result i32)
    (local $little i32)
    (local.set $little (i32.load align=1 (local.get $from)))
    (i32.or
      (i32.and (i32.rotl (local.get $little) (i32.const 8)) (i32.const 0x00ff00ff))
      (i32.and (i32.rotr (local.get $little) (i32.const 8)) (i32.const 0xff00ff00))))

  (func $i64 (param $from i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (call $u32 (local.get $from))) (i64.const 32))
      (i64.extend_i32_u (call $u32 (i32.add (local.get $from) (i32.const 4))))))

  ;; A number at `$at`, which moves on; at most ten bytes, so it may pass the end of a record.
  (func $varint (result i64)
    (local $byte i64) (local $value i64) (local $shift i64)
    (loop $more
      (local.set $byte (i64.load8_u (global.get $at)))
      (global.set $at (i32.add (global.get $at) (i32.const 1)))
      (local.set $value (i64.or (local.get $value)
        (i64.shl (i64.and (local.get $byte) (i64.const 0x7f)) (local.get $shift))))
      (local.set $shift (i64.add (local.get $shift) (i64.const 7)))
      (br_if $more (i32.and
        (i64.ge_u (local.get $byte) (i64.const 0x80))
        (i64.lt_u (local.get $shift) (i64.const 70)))))
    (i64.xor
      (i64.shr_u (local.get $value) (i64.const 1))
      (i64.sub (i64.const 0) (i64.and (local.get $value) (i64.const 1)))))

  ;; Up to seven bytes more than asked for: there is room behind every region.
  (func $copy (param $to i32) (param $from i32) (param $length i32)
    (local $end i32)
    (if (i32.gt_u (local.get $length) (i32.const 128))
      (then (memory.copy (local.get $to) (local.get $from) (local.get $length)) (return)))
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (block $done
      (loop $more
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (i64.store align=1 (local.get $to) (i64.load align=1 (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $more))))

  (func $add (param $offset i64) (param $timestamp i64)
             (param $key i32) (param $key_length i32) (param $value i32) (param $value_length i32)
    (local $wide i32) (local $narrow i32)
    (local.set $wide (i32.shl (global.get $count) (i32.const 3)))
    (local.set $narrow (i32.add (i32.shl (global.get $count) (i32.const 2)) (i32.const 4)))
    (i64.store (i32.add (global.get $offsets) (local.get $wide)) (local.get $offset))
    (i64.store (i32.add (global.get $timestamps) (local.get $wide)) (local.get $timestamp))
    (call $copy (i32.add (global.get $values) (global.get $value_bytes)) (local.get $value) (local.get $value_length))
    (global.set $value_bytes (i32.add (global.get $value_bytes) (local.get $value_length)))
    (i32.store (i32.add (global.get $value_ends) (local.get $narrow)) (global.get $value_bytes))
    (i32.store8 (i32.add (global.get $has_key) (global.get $count)) (i32.ne (local.get $key) (i32.const 0)))
    (if (local.get $key)
      (then
        (call $copy (i32.add (global.get $keys) (global.get $key_bytes)) (local.get $key) (local.get $key_length))
        (global.set $key_bytes (i32.add (global.get $key_bytes) (local.get $key_length)))
        (global.set $keyed (i32.add (global.get $keyed) (i32.const 1)))))
    (i32.store (i32.add (global.get $key_ends) (local.get $narrow)) (global.get $key_bytes))
    (global.set $count (i32.add (global.get $count) (i32.const 1))))

  ;; The records between `$at` and `$end`: 1 once all are read, 0 if they are cut, -1 if they are malformed.
  (func $read_records (param $end i32) (param $base i64) (param $time i64) (param $until i64) (result i32)
    (local $left i32) (local $length i64) (local $record_end i32) (local $offset i64) (local $timestamp i64)
    (local $key i32) (local $key_length i64) (local $value_length i64)
    (if (i32.gt_u (i32.add (global.get $at) (i32.const 4)) (local.get $end)) (then (return (i32.const 0))))
    (local.set $left (call $u32 (global.get $at)))
    (global.set $at (i32.add (global.get $at) (i32.const 4)))
    (block $all
      (loop $more
        (br_if $all (i32.eqz (local.get $left)))
        (if (i32.ge_u (global.get $at) (local.get $end)) (then (return (i32.const 0))))
        (local.set $length (call $varint))
        (if (i64.gt_s
              (i64.add (i64.extend_i32_u (global.get $at)) (local.get $length))
              (i64.extend_i32_u (local.get $end)))
          (then (return (i32.const 0))))
        (if (i64.lt_s (local.get $length) (i64.const 6)) (then (return (i32.const -1))))
        (local.set $record_end (i32.add (global.get $at) (i32.wrap_i64 (local.get $length))))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (local.set $timestamp (i64.add (local.get $time) (call $varint)))
        (local.set $offset (i64.add (local.get $base) (call $varint)))
        (local.set $key (i32.load8_u (global.get $at)))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (local.set $key_length (i64.const 0))
        (if (local.get $key)
          (then
            (local.set $key_length (call $varint))
            (local.set $key (global.get $at))
            (if (i64.gt_u (local.get $key_length) (local.get $length)) (then (return (i32.const -1))))
            (global.set $at (i32.add (global.get $at) (i32.wrap_i64 (local.get $key_length))))
            (if (i32.gt_u (global.get $at) (local.get $record_end)) (then (return (i32.const -1))))))
        (local.set $value_length (call $varint))
        (if (i64.gt_u (local.get $value_length) (local.get $length)) (then (return (i32.const -1))))
        (if (i32.gt_u
              (i32.add (global.get $at) (i32.wrap_i64 (local.get $value_length)))
              (local.get $record_end))
          (then (return (i32.const -1))))
        (if (i32.and
              (i32.or (global.get $unordered) (i64.ge_s (local.get $offset) (global.get $next)))
              (i64.lt_s (local.get $offset) (local.get $until)))
          (then
            (call $add (local.get $offset) (local.get $timestamp)
              (local.get $key) (i32.wrap_i64 (local.get $key_length))
              (global.get $at) (i32.wrap_i64 (local.get $value_length)))
            (global.set $next (i64.add (local.get $offset) (i64.const 1)))))
        (global.set $at (local.get $record_end))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $more)))
    (i32.const 1))

  ;; Read all records of the batches between two addresses.
  (func (export "read_all") (param $start i32) (param $end i32) (result i32)
    (local $result i32)
    (global.set $unordered (i32.const 1))
    (local.set $result (call $read_and_tell (local.get $start) (local.get $end)
      (i64.const 0x8000000000000000) (i64.const 0x7fffffffffffffff)))
    (global.set $unordered (i32.const 0))
    (local.get $result))

  ;; Read the records with offsets `$from` to before `$until` of the batches between two addresses.
  (func $read_and_tell (export "read")
    (param $start i32) (param $end i32) (param $from i64) (param $until i64) (result i32)
    (local $result i32)
    (call $take_places)
    (local.set $result (call $read (local.get $start) (local.get $end) (local.get $from) (local.get $until)))
    (i64.store (i32.const 32) (global.get $next))
    (i32.store (i32.const 40) (global.get $count))
    (i32.store (i32.const 44) (global.get $value_bytes))
    (i32.store (i32.const 48) (global.get $key_bytes))
    (i32.store (i32.const 52) (global.get $keyed))
    (i32.store (i32.const 56) (global.get $batch))
    (local.get $result))

  (func $read (param $start i32) (param $end i32) (param $from i64) (param $until i64) (result i32)
    (local $attributes i32) (local $length i32) (local $batch_end i32) (local $whole i32) (local $base i64)
    (local $last i64) (local $result i32)
    (global.set $next (local.get $from))
    (global.set $batch (local.get $start))
    (global.set $count (i32.const 0))
    (global.set $value_bytes (i32.const 0))
    (global.set $key_bytes (i32.const 0))
    (global.set $keyed (i32.const 0))
    (i32.store (global.get $value_ends) (i32.const 0))
    (i32.store (global.get $key_ends) (i32.const 0))
    (loop $more
      (if (i32.gt_u (i32.add (global.get $batch) (i32.const 57)) (local.get $end))
        (then (return (global.get $complete))))
      (if (i64.ge_s (global.get $next) (local.get $until)) (then (return (global.get $complete))))
      (local.set $base (call $i64 (global.get $batch)))
      (local.set $length (call $u32 (i32.add (global.get $batch) (i32.const 8))))
      (local.set $last (i64.add (local.get $base)
        (i64.extend_i32_s (call $u32 (i32.add (global.get $batch) (i32.const 23))))))
      (if (i32.lt_s (local.get $length) (i32.const 45)) (then (return (global.get $malformed))))
      (local.set $attributes (i32.load8_u (i32.add (global.get $batch) (i32.const 22))))
      (if (i32.and (local.get $attributes) (i32.const 7)) (then (return (global.get $compressed))))
      (local.set $whole (i32.le_u (local.get $length)
        (i32.sub (i32.sub (local.get $end) (global.get $batch)) (i32.const 12))))
      (local.set $batch_end (select
        (i32.add (i32.add (global.get $batch) (i32.const 12)) (local.get $length))
        (local.get $end)
        (local.get $whole)))
      (global.set $at (i32.add (global.get $batch) (i32.const 57)))
      (if (i32.and (local.get $attributes) (i32.const 0x10))
        (then (global.set $at (i32.add (global.get $at) (i32.const 4)))))
      (local.set $result (call $read_records (local.get $batch_end) (local.get $base)
        (call $i64 (i32.add (global.get $batch) (i32.const 27))) (local.get $until)))
      (if (i32.lt_s (local.get $result) (i32.const 0)) (then (return (global.get $malformed))))
      (if (i32.eqz (local.get $whole)) (then (return (global.get $complete))))
      (if (i32.eqz (local.get $result)) (then (return (global.get $malformed))))
      ;; A filter on the SPU leaves out records, also the last ones of a batch.
      (local.set $last (i64.add (local.get $last) (i64.const 1)))
      (if (i64.gt_s (local.get $last) (local.get $until)) (then (local.set $last (local.get $until))))
      (if (i64.gt_s (local.get $last) (global.get $next)) (then (global.set $next (local.get $last))))
      (global.set $batch (local.get $batch_end))
      (br $more))
    (unreachable))

  (func $size_of (param $number i64) (result i32)
    (i32.div_u
      (i32.add
        (i32.sub (i32.const 64) (i32.wrap_i64 (i64.clz (i64.or (call $zigzag (local.get $number)) (i64.const 1)))))
        (i32.const 6))
      (i32.const 7)))

  (func $zigzag (param $number i64) (result i64)
    (i64.xor (i64.shl (local.get $number) (i64.const 1)) (i64.shr_s (local.get $number) (i64.const 63))))

  (func $put (param $number i64)
    (local $rest i64)
    (local.set $rest (call $zigzag (local.get $number)))
    (block $last
      (loop $more
        (br_if $last (i64.lt_u (local.get $rest) (i64.const 0x80)))
        (i32.store8 (global.get $at) (i32.or (i32.wrap_i64 (local.get $rest)) (i32.const 0x80)))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (local.set $rest (i64.shr_u (local.get $rest) (i64.const 7)))
        (br $more)))
    (i32.store8 (global.get $at) (i32.wrap_i64 (local.get $rest)))
    (global.set $at (i32.add (global.get $at) (i32.const 1))))

  ;; Write the rows `$row` to before `$end` of the columns to `$to`; the address after them.
  (func (export "write") (param $row i32) (param $end i32) (param $time i64) (param $to i32) (result i32)
    (local $index i64) (local $delta i64) (local $key i32) (local $key_length i32) (local $value i32)
    (local $value_length i32) (local $narrow i32) (local $length i32)
    (call $take_places)
    (global.set $at (local.get $to))
    (block $all
      (loop $more
        (br_if $all (i32.ge_u (local.get $row) (local.get $end)))
        (local.set $narrow (i32.shl (local.get $row) (i32.const 2)))
        (local.set $value (i32.load (i32.add (global.get $value_ends) (local.get $narrow))))
        (local.set $value_length (i32.sub
          (i32.load offset=4 (i32.add (global.get $value_ends) (local.get $narrow))) (local.get $value)))
        (local.set $key (i32.load (i32.add (global.get $key_ends) (local.get $narrow))))
        (local.set $key_length (i32.sub
          (i32.load offset=4 (i32.add (global.get $key_ends) (local.get $narrow))) (local.get $key)))
        (local.set $delta (i64.sub
          (i64.load (i32.add (global.get $timestamps) (i32.shl (local.get $row) (i32.const 3))))
          (local.get $time)))
        ;; attributes, key or not, and no headers
        (local.set $length (i32.add (i32.const 3) (i32.add
          (i32.add (call $size_of (local.get $delta)) (call $size_of (local.get $index)))
          (i32.add (call $size_of (i64.extend_i32_u (local.get $value_length))) (local.get $value_length)))))
        (if (i32.load8_u (i32.add (global.get $has_key) (local.get $row)))
          (then (local.set $length (i32.add (local.get $length)
            (i32.add (call $size_of (i64.extend_i32_u (local.get $key_length))) (local.get $key_length))))))
        (call $put (i64.extend_i32_u (local.get $length)))
        (i32.store8 (global.get $at) (i32.const 0))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (call $put (local.get $delta))
        (call $put (local.get $index))
        (i32.store8 (global.get $at) (i32.load8_u (i32.add (global.get $has_key) (local.get $row))))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (if (i32.load8_u (i32.add (global.get $has_key) (local.get $row)))
          (then
            (call $put (i64.extend_i32_u (local.get $key_length)))
            (call $copy (global.get $at) (i32.add (global.get $keys) (local.get $key)) (local.get $key_length))
            (global.set $at (i32.add (global.get $at) (local.get $key_length)))))
        (call $put (i64.extend_i32_u (local.get $value_length)))
        (call $copy (global.get $at) (i32.add (global.get $values) (local.get $value)) (local.get $value_length))
        (global.set $at (i32.add (global.get $at) (local.get $value_length)))
        (i32.store8 (global.get $at) (i32.const 0))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (local.set $index (i64.add (local.get $index) (i64.const 1)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $more)))
    (global.get $at))
)
