;; Makes a Fluvio module a guest of docs/abi.md: it is called for a group of records at a time, from here.
;;
;; Its answer says by their offsets which records the outputs and an error came from. Where it cannot be a group
;; (see `$size_of_group`), or an answer does not say so, the module is called for one record at a time. What ends a
;; call ends it for the whole group, and the host evaluates those records again, one by one.
;;
;; Everything is in the module's own memory, which the host writes batches into. Fluvio's numbers are big-endian,
;; and its lengths inside of records are zigzag LEB128 ("varint"); version 22 of its layout is the one that all
;; its SDKs since 2021 read.
(module
  (import "module" "memory" (memory 0))
  (import "module" "alloc" (func $alloc (param i32) (result i32)))
  (import "module" "dealloc" (func $dealloc (param i32 i32)))
  (import "module" "transform" (func $transform (param i32 i32 i32) (result i32)))
  (import "module" "init" (func $init (param i32 i32 i32) (result i32)))
  (import "module" "look_back" (func $look_back (param i32 i32 i32) (result i32)))
  (import "answer" "at" (global $answer (mut i32)))
  (import "answer" "length" (global $answer_length (mut i32)))
  ;; The most records of a group.
  (import "host" "largest_group" (global $largest_group i32))

  (export "memory" (memory 0))
  ;; The records that the module was called for last.
  (global $group_start (mut i32) (i32.const 0))
  (global $group_end (mut i32) (i32.const 0))
  (global $group_size (export "group_size") (mut i32) (i32.const 1))
  ;; Offset and time of the first, and bytes of all of them in an input.
  (global $group_offset (mut i64) (i64.const 0))
  (global $group_time (mut i64) (i64.const 0))
  (global $group_bytes (mut i32) (i32.const 0))
  ;; The most of them in this call, and whether an answer showed that there can be no groups.
  (global $most (mut i32) (i32.const 1))
  (global $single (mut i32) (i32.const 0))
  ;; Of the answer: records that were not read, whether the one that was read last has still to be put out, the record
  ;; that failed, and where its hint is.
  (global $unread (mut i32) (i32.const 0))
  (global $waiting (mut i32) (i32.const 0))
  (global $failed (mut i32) (i32.const -1))
  (global $hint (mut i32) (i32.const 0))

  (global $layout_version i32 (i32.const 22))
  (global $header (mut i32) (i32.const 0))
  ;; Whether the module is an aggregate, and the accumulator that it goes on from.
  (global $aggregates (mut i32) (i32.const 0))
  (global $accumulator (mut i32) (i32.const 0))
  (global $accumulator_size (mut i32) (i32.const 0))
  ;; Reading an answer: the next byte, the end, and whether something was not what it should be.
  (global $cursor (mut i32) (i32.const 0))
  (global $limit (mut i32) (i32.const 0))
  (global $unreadable (mut i32) (i32.const 0))
  ;; The record that was read last. A key of length -1 is none.
  (global $key (mut i32) (i32.const 0))
  (global $key_length (mut i32) (i32.const 0))
  (global $value (mut i32) (i32.const 0))
  (global $value_length (mut i32) (i32.const 0))
  (global $delta (mut i64) (i64.const 0))
  ;; The record whose outputs did not fit: the answer is kept for the next call. -1 if there is none.
  (global $kept_index (mut i32) (i32.const -1))
  (global $kept_offset (mut i64) (i64.const 0))
  ;; The region that the host writes into, as the module allocated it.
  (global $region (mut i32) (i32.const 0))
  (global $region_size (mut i32) (i32.const 0))

  ;; The texts below, one after another.
  (data $texts
    "its module returned without an answer: it did not call copy_records"
    "its module's answer cannot be read"
    "its module could not read its input (status -11 or -22)"
    "its module could not write its answer (status -33)"
    "its module failed with a status that Fluvio does not explain"
    "a parameter is longer than 32,767 bytes, the most that Fluvio's layout has room for")

  (func (export "smartstream_abi") (result i32) (i32.const 2))

  (func (export "smartstream_alloc") (param $size i32) (result i32)
    ;; The module aligns nothing. A region too large for 31 bits is refused, as by any allocator.
    (if (i32.gt_u (local.get $size) (i32.const 0x7fff0000)) (then (return (i32.const 0))))
    (if (global.get $region) (then (call $dealloc (global.get $region) (global.get $region_size))))
    (global.set $kept_index (i32.const -1))
    (global.set $region_size (i32.add (local.get $size) (i32.const 8)))
    (global.set $region (call $alloc (global.get $region_size)))
    (if (i32.eqz (global.get $region)) (then (return (i32.const 0))))
    (i32.and (i32.add (global.get $region) (i32.const 7)) (i32.const -8)))

  ;; ---- The header and its columns -------------------------------------------------------------------------

  (func $record_offset (param $index i32) (result i64)
    (local $offsets i32)
    (local.set $offsets (i32.load offset=72 (global.get $header)))
    (if (result i64) (local.get $offsets)
      (then (i64.load (i32.add (local.get $offsets) (i32.shl (local.get $index) (i32.const 3)))))
      (else (i64.add (i64.load offset=16 (global.get $header)) (i64.extend_i32_u (local.get $index))))))

  (func $record_time (param $index i32) (result i64)
    (i64.load (i32.add (i32.load offset=52 (global.get $header)) (i32.shl (local.get $index) (i32.const 3)))))

  ;; The bytes of a column's entry: its start, and its length.
  (func $entry (param $ends i32) (param $bytes i32) (param $index i32) (result i32 i32)
    (local $at i32) (local $start i32)
    (local.set $at (i32.add (local.get $ends) (i32.shl (local.get $index) (i32.const 2))))
    (local.set $start (i32.load (local.get $at)))
    (i32.add (local.get $bytes) (local.get $start))
    (i32.sub (i32.load offset=4 (local.get $at)) (local.get $start)))

  (func $has_key (param $index i32) (result i32)
    (local $bits i32)
    (if (i32.eqz (i32.load offset=40 (global.get $header))) (then (return (i32.const 0))))
    (local.set $bits (i32.load offset=48 (global.get $header)))
    (if (i32.eqz (local.get $bits)) (then (return (i32.const 1))))
    (i32.and
      (i32.shr_u
        (i32.load8_u (i32.add (local.get $bits) (i32.shr_u (local.get $index) (i32.const 3))))
        (i32.and (local.get $index) (i32.const 7)))
      (i32.const 1)))

  (func $set_progress (param $index i32)
    (i32.store (i32.load offset=60 (global.get $header)) (local.get $index)))

  (func $set_result (param $index i32) (param $result i32)
    (i32.store8 (i32.add (i32.load offset=56 (global.get $header)) (local.get $index)) (local.get $result)))

  ;; ---- Writing an input: each function returns where to go on ---------------------------------------------

  (func $put16 (param $at i32) (param $number i32) (result i32)
    (i32.store8 (local.get $at) (i32.shr_u (local.get $number) (i32.const 8)))
    (i32.store8 offset=1 (local.get $at) (local.get $number))
    (i32.add (local.get $at) (i32.const 2)))

  (func $put32 (param $at i32) (param $number i32) (result i32)
    (drop (call $put16 (local.get $at) (i32.shr_u (local.get $number) (i32.const 16))))
    (call $put16 (i32.add (local.get $at) (i32.const 2)) (local.get $number)))

  (func $put64 (param $at i32) (param $number i64) (result i32)
    (drop (call $put32 (local.get $at) (i32.wrap_i64 (i64.shr_u (local.get $number) (i64.const 32)))))
    (call $put32 (i32.add (local.get $at) (i32.const 4)) (i32.wrap_i64 (local.get $number))))

  (func $put_bytes (param $at i32) (param $bytes i32) (param $length i32) (result i32)
    (memory.copy (local.get $at) (local.get $bytes) (local.get $length))
    (i32.add (local.get $at) (local.get $length)))

  ;; A number as a varint.
  (func $put_varint (param $at i32) (param $number i64) (result i32)
    (local $left i64)
    ;; Most are one byte.
    (if (i64.lt_u (local.get $number) (i64.const 64))
      (then
        (i64.store8 (local.get $at) (i64.shl (local.get $number) (i64.const 1)))
        (return (i32.add (local.get $at) (i32.const 1)))))
    (local.set $left (call $zigzag (local.get $number)))
    (loop $more
      (if (i64.ge_u (local.get $left) (i64.const 0x80))
        (then
          (i64.store8 (local.get $at) (i64.or (local.get $left) (i64.const 0x80)))
          (local.set $left (i64.shr_u (local.get $left) (i64.const 7)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $more))))
    (i64.store8 (local.get $at) (local.get $left))
    (i32.add (local.get $at) (i32.const 1)))

  (func $zigzag (param $number i64) (result i64)
    (i64.xor (i64.shl (local.get $number) (i64.const 1)) (i64.shr_s (local.get $number) (i64.const 63))))

  (func $varint_size (param $number i64) (result i32)
    (if (i64.lt_u (local.get $number) (i64.const 64)) (then (return (i32.const 1))))
    ;; Seven bits a byte.
    (i32.div_u
      (i32.sub (i32.const 70) (i32.wrap_i64 (i64.clz (i64.or (call $zigzag (local.get $number)) (i64.const 1)))))
      (i32.const 7)))

  ;; Bytes of a length and so many bytes.
  (func $data_size (param $length i32) (result i32)
    (i32.add (call $varint_size (i64.extend_i32_u (local.get $length))) (local.get $length)))

  (func $put_data (param $at i32) (param $bytes i32) (param $length i32) (result i32)
    (call $put_bytes
      (call $put_varint (local.get $at) (i64.extend_i32_u (local.get $length)))
      (local.get $bytes) (local.get $length)))

  (func $time_delta (param $index i32) (result i64)
    (i64.sub (call $record_time (local.get $index)) (global.get $group_time)))

  (func $offset_delta (param $index i32) (result i64)
    (i64.sub (call $record_offset (local.get $index)) (global.get $group_offset)))

  (func $value_of (param $index i32) (result i32 i32)
    (call $entry (i32.load offset=32 (global.get $header)) (i32.load offset=36 (global.get $header))
      (local.get $index)))

  (func $key_of (param $index i32) (result i32 i32)
    (call $entry (i32.load offset=40 (global.get $header)) (i32.load offset=44 (global.get $header))
      (local.get $index)))

  ;; Bytes of a record behind its length.
  (func $body_size (param $index i32) (result i32)
    (local $size i32) (local $length i32)
    ;; Attributes, the key's flag, and headers of 0.
    (local.set $size
      (i32.add (i32.const 3)
        (i32.add (call $varint_size (call $time_delta (local.get $index)))
          (call $varint_size (call $offset_delta (local.get $index))))))
    (call $value_of (local.get $index))
    (local.set $length)
    (drop)
    (local.set $size (i32.add (local.get $size) (call $data_size (local.get $length))))
    (if (call $has_key (local.get $index))
      (then
        (call $key_of (local.get $index))
        (local.set $length)
        (drop)
        (local.set $size (i32.add (local.get $size) (call $data_size (local.get $length))))))
    (local.get $size))
  (func $put_record (param $at i32) (param $index i32) (result i32)
    (local.set $at (call $put_varint (local.get $at) (i64.extend_i32_u (call $body_size (local.get $index)))))
    (i32.store8 (local.get $at) (i32.const 0))
    (local.set $at
      (call $put_varint (i32.add (local.get $at) (i32.const 1)) (call $time_delta (local.get $index))))
    (local.set $at (call $put_varint (local.get $at) (call $offset_delta (local.get $index))))
    (i32.store8 (local.get $at) (call $has_key (local.get $index)))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (if (call $has_key (local.get $index))
      (then (local.set $at (call $put_data (local.get $at) (call $key_of (local.get $index))))))
    (local.set $at (call $put_data (local.get $at) (call $value_of (local.get $index))))
    (i32.store8 (local.get $at) (i32.const 0))
    (i32.add (local.get $at) (i32.const 1)))

  ;; Begin a group at `$index`, of records before `$end`.
  ;;
  ;; Their offsets ascend, since an answer tells records by them, and none is before 1970: the module would not add
  ;; up their times. They are few bytes, which it copies several times.
  (func $begin_group (param $index i32) (param $end i32)
    (local $left i32) (local $next i32)
    (global.set $group_start (local.get $index))
    (global.set $group_offset (call $record_offset (local.get $index)))
    (global.set $group_time (call $record_time (local.get $index)))
    (global.set $group_bytes (i32.const 0))
    (local.set $left
      (select (i32.const 1) (global.get $most)
        (i32.or (global.get $single) (i64.lt_s (global.get $group_time) (i64.const 0)))))
    (local.set $next (local.get $index))
    (loop $more
      (global.set $group_bytes
        (i32.add (global.get $group_bytes) (call $data_size (call $body_size (local.get $next)))))
      (local.set $next (i32.add (local.get $next) (i32.const 1)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (if (i32.and (i32.ne (local.get $left) (i32.const 0)) (i32.lt_u (local.get $next) (local.get $end)))
        (then
          (br_if $more
            (i32.and
              (i32.lt_u (global.get $group_bytes) (i32.const 16384))
              (i32.and
                (i64.ge_s (call $record_time (local.get $next)) (i64.const 0))
                (i64.gt_s (call $record_offset (local.get $next))
                  (call $record_offset (i32.sub (local.get $next) (i32.const 1))))))))))
    (global.set $group_end (local.get $next))
    (global.set $group_size (i32.sub (local.get $next) (local.get $index))))

  ;; The input for the group, in memory that the module frees: where it is, and its length.
  (func $input (result i32 i32)
    (local $index i32) (local $size i32) (local $input i32) (local $at i32)
    ;; The base offset, two lengths, no parameters, no look-back, no joined record, the base time.
    (local.set $size (i32.add (i32.const 31) (global.get $group_bytes)))
    (if (global.get $aggregates)
      (then
        (local.set $size
          (i32.add (local.get $size) (i32.add (i32.const 4) (global.get $accumulator_size))))))
    (local.set $input (call $alloc (local.get $size)))
    (local.set $at (call $put64 (local.get $input) (global.get $group_offset)))
    (local.set $at (call $put32 (local.get $at) (i32.add (i32.const 4) (global.get $group_bytes))))
    (local.set $at (call $put32 (local.get $at) (global.get $group_size)))
    (local.set $index (global.get $group_start))
    (loop $more
      (local.set $at (call $put_record (local.get $at) (local.get $index)))
      (br_if $more
        (i32.lt_u (local.tee $index (i32.add (local.get $index) (i32.const 1))) (global.get $group_end))))
    (local.set $at (call $put64 (local.get $at) (i64.const 0)))
    ;; The last of these eight bytes belongs to the base time: seven of them are zero.
    (local.set $at
      (call $put64 (i32.sub (local.get $at) (i32.const 1)) (global.get $group_time)))
    (if (global.get $aggregates)
      (then
        (local.set $at (call $put32 (local.get $at) (global.get $accumulator_size)))
        (drop
          (call $put_bytes (local.get $at) (global.get $accumulator) (global.get $accumulator_size)))))
    (local.get $input)
    (local.get $size))

  ;; ---- Reading an answer: nothing in it is trusted ----------------------------------------------------------

  (func $begin_answer
    (global.set $cursor (global.get $answer))
    (global.set $limit (i32.add (global.get $answer) (global.get $answer_length)))
    (global.set $unreadable (i32.eqz (call $answer_is_in_memory)))
    ;; Then nothing of it is read.
    (if (global.get $unreadable) (then (global.set $limit (global.get $cursor)))))

  (func $answer_is_in_memory (result i32)
    (i64.le_u
      (i64.add (i64.extend_i32_u (global.get $answer)) (i64.extend_i32_u (global.get $answer_length)))
      (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16))))

  ;; Whether so many bytes can be read; afterwards they count as read.
  (func $take (param $length i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $cursor))
    (if (i32.or (global.get $unreadable)
          (i32.gt_u (local.get $length) (i32.sub (global.get $limit) (global.get $cursor))))
      (then
        (global.set $unreadable (i32.const 1))
        (return (i32.const 0))))
    (global.set $cursor (i32.add (local.get $at) (local.get $length)))
    (i32.const 1))

  (func $read8 (result i32)
    (if (i32.eqz (call $take (i32.const 1))) (then (return (i32.const 0))))
    (i32.load8_u (i32.sub (global.get $cursor) (i32.const 1))))

  (func $read16 (result i32)
    (local $high i32)
    (local.set $high (call $read8))
    (i32.or (i32.shl (local.get $high) (i32.const 8)) (call $read8)))

  (func $read32 (result i32)
    (local $high i32)
    (local.set $high (call $read16))
    (i32.or (i32.shl (local.get $high) (i32.const 16)) (call $read16)))

  (func $read64 (result i64)
    (local $high i32)
    (local.set $high (call $read32))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $high)) (i64.const 32)) (i64.extend_i32_u (call $read32))))

  (func $read_varint (result i64)
    (local $byte i32) (local $bits i64) (local $shift i64)
    (if (i32.lt_u (global.get $cursor) (global.get $limit))
      (then
        (local.set $byte (i32.load8_u (global.get $cursor)))
        ;; Most are one byte, and not negative.
        (if (i32.eqz (i32.and (local.get $byte) (i32.const 0x81)))
          (then
            (global.set $cursor (i32.add (global.get $cursor) (i32.const 1)))
            (return (i64.extend_i32_u (i32.shr_u (local.get $byte) (i32.const 1))))))))
    (loop $more
      (local.set $byte (call $read8))
      (local.set $bits
        (i64.or (local.get $bits)
          (i64.shl (i64.extend_i32_u (i32.and (local.get $byte) (i32.const 0x7f))) (local.get $shift))))
      (local.set $shift (i64.add (local.get $shift) (i64.const 7)))
      (if (i32.and (local.get $byte) (i32.const 0x80))
        (then
          (br_if $more (i64.lt_u (local.get $shift) (i64.const 63)))
          (global.set $unreadable (i32.const 1)))))
    (i64.xor (i64.shr_u (local.get $bits) (i64.const 1))
      (i64.sub (i64.const 0) (i64.and (local.get $bits) (i64.const 1)))))

  ;; A varint and so many bytes: where they begin, and their length.
  (func $read_data (result i32 i32)
    (local $length i32)
    (local.set $length (i32.wrap_i64 (call $read_varint)))
    (drop (call $take (local.get $length)))
    (i32.sub (global.get $cursor) (local.get $length))
    (local.get $length))

  (func $read_record
    (drop (call $read_varint))
    (drop (call $read8))
    (drop (call $read_varint))
    (global.set $delta (call $read_varint))
    (global.set $key_length (i32.const -1))
    (if (call $read8)
      (then
        (call $read_data)
        (global.set $key_length)
        (global.set $key)))
    (call $read_data)
    (global.set $value_length)
    (global.set $value)
    (drop (call $read_varint)))

  ;; ---- Messages ---------------------------------------------------------------------------------------------

  ;; Where to write the text of an error, of at most `$length` bytes; 0 if there is no room.
  (func $begin_error (param $length i32) (result i32)
    (local $area i32) (local $used i32)
    (local.set $area (i32.load offset=64 (global.get $header)))
    (local.set $used (i32.load (local.get $area)))
    (if (i32.gt_u (i32.add (local.get $used) (i32.add (local.get $length) (i32.const 24)))
          (i32.load offset=68 (global.get $header)))
      (then
        (i32.store offset=4 (local.get $area) (i32.add (i32.load offset=4 (local.get $area)) (i32.const 1)))
        (return (i32.const 0))))
    (i32.add (local.get $area) (i32.add (local.get $used) (i32.const 20))))

  ;; Make an entry of a text that was written at `$at`.
  (func $end_error (param $at i32) (param $length i32)
    (local $padded i32)
    (local.set $padded (i32.and (i32.add (local.get $length) (i32.const 3)) (i32.const -4)))
    (memory.fill (i32.add (local.get $at) (local.get $length)) (i32.const 0)
      (i32.sub (local.get $padded) (local.get $length)))
    (i32.store (i32.sub (local.get $at) (i32.const 12))
      (i32.load (i32.load offset=60 (global.get $header))))
    (i32.store (i32.sub (local.get $at) (i32.const 8)) (i32.const 1))
    (i32.store (i32.sub (local.get $at) (i32.const 4)) (local.get $length))
    (i32.store (i32.load offset=64 (global.get $header))
      (i32.add (i32.load (i32.load offset=64 (global.get $header)))
        (i32.add (i32.const 12) (local.get $padded)))))

  ;; Report the hint that comes next in the answer, cut to 1,024 bytes.
  (func $report_hint
    (local $length i32) (local $shown i32) (local $at i32)
    (local.set $length (call $read16))
    (drop (call $take (local.get $length)))
    (if (global.get $unreadable)
      (then (call $report_garbage))
      (else
        (local.set $shown
          (select (i32.const 1024) (local.get $length) (i32.gt_u (local.get $length) (i32.const 1024))))
        (local.set $at (call $begin_error (local.get $shown)))
        (if (local.get $at)
          (then
            (memory.copy (local.get $at) (i32.sub (global.get $cursor) (local.get $length)) (local.get $shown))
            (call $end_error (local.get $at) (local.get $shown)))))))

  (func $report_text (param $start i32) (param $length i32)
    (local $at i32)
    (if (local.tee $at (call $begin_error (local.get $length)))
      (then
        (memory.init $texts (local.get $at) (local.get $start) (local.get $length))
        (call $end_error (local.get $at) (local.get $length)))))

  (func $report_silence (call $report_text (i32.const 0) (i32.const 67)))
  (func $report_garbage (call $report_text (i32.const 67) (i32.const 34)))

  (func $report_long_parameter (call $report_text (i32.const 266) (i32.const 83)))

  (func $report_status (param $status i32)
    (if (i32.or (i32.eq (local.get $status) (i32.const -11)) (i32.eq (local.get $status) (i32.const -22)))
      (then (call $report_text (i32.const 101) (i32.const 55)) (return)))
    (if (i32.eq (local.get $status) (i32.const -33))
      (then (call $report_text (i32.const 156) (i32.const 50)) (return)))
    (call $report_text (i32.const 206) (i32.const 60)))

  ;; ---- Outputs ----------------------------------------------------------------------------------------------

  (func $outputs (result i32) (i32.load offset=80 (global.get $header)))

  ;; Read `$count` records without using them; the bytes of their keys and values.
  (func $measure (param $count i32) (result i32)
    (local $bytes i32)
    (loop $more
      (if (i32.and (i32.ne (local.get $count) (i32.const 0)) (i32.eqz (global.get $unreadable)))
        (then
          (call $read_record)
          (local.set $bytes (i32.add (local.get $bytes) (global.get $value_length)))
          (if (i32.gt_s (global.get $key_length) (i32.const 0))
            (then (local.set $bytes (i32.add (local.get $bytes) (global.get $key_length)))))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $more))))
    (local.get $bytes))

  ;; Copy the record that was read last into the output area, which has room for it.
  (func $emit (param $source i32) (param $number i32) (param $key_length i32)
    (local $at i32) (local $entry i32) (local $used i32)
    (local.set $used (i32.load offset=4 (call $outputs)))
    (local.set $at (i32.add (call $outputs) (i32.add (i32.const 16) (local.get $used))))
    (local.set $entry
      (i32.sub (i32.add (call $outputs) (i32.load offset=84 (global.get $header)))
        (i32.shl (i32.add (local.get $number) (i32.const 1)) (i32.const 4))))
    (if (i32.gt_s (local.get $key_length) (i32.const 0))
      (then
        (local.set $at (call $put_bytes (local.get $at) (global.get $key) (local.get $key_length)))
        (local.set $used (i32.add (local.get $used) (local.get $key_length)))))
    (drop (call $put_bytes (local.get $at) (global.get $value) (global.get $value_length)))
    (if (global.get $aggregates)
      (then
        (global.set $accumulator (local.get $at))
        (global.set $accumulator_size (global.get $value_length))))
    (i32.store (local.get $entry) (local.get $source))
    (i32.store offset=4 (local.get $entry) (local.get $key_length))
    (i32.store offset=8 (local.get $entry) (global.get $value_length))
    (i32.store offset=12 (local.get $entry) (i32.const 0))
    (i32.store offset=4 (call $outputs) (i32.add (local.get $used) (global.get $value_length))))

  ;; Whether there is room for so many more outputs of so many bytes; if not even an empty area has it, `needed` is
  ;; set.
  (func $fits (param $count i32) (param $bytes i32) (result i32)
    (local $free i32) (local $before i32)
    (local.set $before (i32.load (call $outputs)))
    (local.set $free
      (i32.sub (i32.sub (i32.load offset=84 (global.get $header)) (i32.const 16))
        (i32.add (i32.load offset=4 (call $outputs)) (i32.shl (local.get $before) (i32.const 4)))))
    (if (i64.le_u
          (i64.add (i64.extend_i32_u (local.get $bytes)) (i64.shl (i64.extend_i32_u (local.get $count)) (i64.const 4)))
          (i64.extend_i32_u (local.get $free)))
      (then (return (i32.const 1))))
    (if (i32.eqz (local.get $before))
      (then
        (i32.store offset=8 (call $outputs)
          (i32.add (i32.const 16)
            (i32.add (local.get $bytes) (i32.shl (local.get $count) (i32.const 4)))))))
    (i32.const 0))

  ;; Copy the answer's `$count` records into the output area; 0 if they do not fit. What is written counts once all
  ;; of it is there.
  (func $emit_all (param $source i32) (param $count i32) (result i32)
    (local $bytes i32) (local $number i32) (local $start i32)
    (local.set $start (global.get $cursor))
    (local.set $bytes (call $measure (local.get $count)))
    (if (global.get $unreadable) (then (return (i32.const 1))))
    (if (i32.eqz (call $fits (local.get $count) (local.get $bytes))) (then (return (i32.const 0))))
    (global.set $cursor (local.get $start))
    (local.set $number (i32.load (call $outputs)))
    (loop $more
      (if (local.get $count)
        (then
          (call $read_record)
          (call $emit (local.get $source) (local.get $number)
            (select (i32.const -2) (global.get $key_length) (global.get $aggregates)))
          (local.set $number (i32.add (local.get $number) (i32.const 1)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $more))))
    (i32.store (call $outputs) (local.get $number))
    (i32.const 1))

  ;; ---- Calls ------------------------------------------------------------------------------------------------

  ;; Give the module the group and get its answer. The result is the module's status.
  (func $ask_transform (result i32)
    (local $input i32) (local $size i32)
    (call $input)
    (local.set $size)
    (local.set $input)
    (global.set $answer_length (i32.const -1))
    (call $transform (local.get $input) (local.get $size) (global.get $layout_version)))

  ;; Free what the module handed over, which it forgets. Its allocator wants the capacity, not the length, and
  ;; Rust's (dlmalloc) keeps the size of a block in the word before it. Anything else there is another
  ;; allocator's: then the answer stays, as it does in Fluvio.
  (func $free_answer
    (local $size i32) (local $length i32)
    (local.set $length (global.get $answer_length))
    (if (i32.or (i32.eqz (call $answer_is_in_memory)) (i32.lt_u (global.get $answer) (i32.const 8)))
      (then (global.set $answer_length (i32.const -1)) (return)))
    (global.set $answer_length (i32.const -1))
    (if (i32.eqz (local.get $length)) (then (return)))
    (local.set $size (i32.load (i32.sub (global.get $answer) (i32.const 4))))
    ;; The flags say that the block is in use, and nothing else that is unknown.
    (if (i32.ne (i32.and (local.get $size) (i32.const 6)) (i32.const 2)) (then (return)))
    (local.set $size (i32.sub (i32.and (local.get $size) (i32.const -8)) (i32.const 4)))
    (if (i32.or
          (i32.lt_u (local.get $size) (local.get $length))
          (i32.gt_u (local.get $size) (i32.add (i32.shl (local.get $length) (i32.const 1)) (i32.const 64))))
      (then (return)))
    (call $dealloc (global.get $answer) (local.get $size)))

  ;; What follows from an answer to record `$index`: its result, or -1 if its outputs do not fit.
  (func $result_of (param $index i32) (param $status i32) (param $makes_records i32) (result i32)
    (local $count i32)
    (if (i32.lt_s (local.get $status) (i32.const 0))
      (then (call $report_status (local.get $status)) (return (i32.const 2))))
    (if (i32.eq (global.get $answer_length) (i32.const -1))
      (then (call $report_silence) (return (i32.const 2))))
    (call $begin_answer)
    (local.set $count (call $read32))
    (if (local.get $count)
      (then
        (if (local.get $makes_records)
          (then
            (if (i32.eqz (call $emit_all (local.get $index) (local.get $count))) (then (return (i32.const -1)))))
          (else (drop (call $measure (local.get $count)))))))
    (if (call $read8)
      (then (call $report_hint) (return (i32.const 2))))
    (if (global.get $unreadable)
      (then (call $report_garbage) (return (i32.const 2))))
    (i32.ne (local.get $count) (i32.const 0)))

  ;; Whether the answer says of each of its records, and of an error, which record of the group it is from. If so, it
  ;; is ready to be handed out.
  (func $begin_handing_out (param $status i32) (result i32)
    (local $left i32) (local $index i32) (local $start i32)
    (if (i32.or (i32.lt_s (local.get $status) (i32.const 0)) (i32.eq (global.get $answer_length) (i32.const -1)))
      (then (return (i32.const 0))))
    (call $begin_answer)
    (global.set $unread (call $read32))
    (local.set $start (global.get $cursor))
    (local.set $left (global.get $unread))
    (local.set $index (global.get $group_start))
    (loop $more
      (if (local.get $left)
        (then
          (call $read_record)
          (local.set $index (call $found (local.get $index)
            (i64.add (global.get $group_offset) (global.get $delta))))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $more (i32.eqz (global.get $unreadable))))))
    (global.set $failed (i32.const -1))
    (if (call $read8)
      (then
        (global.set $hint (global.get $cursor))
        (drop (call $take (call $read16)))
        (global.set $failed (i32.sub (call $found (local.get $index) (call $read64)) (i32.const 1)))
        (global.set $group_end (i32.add (global.get $failed) (i32.const 1)))))
    (global.set $cursor (local.get $start))
    (global.set $waiting (i32.const 0))
    (i32.eqz (global.get $unreadable)))

  ;; The index behind the record of the group with this offset, from `$index` on.
  (func $found (param $index i32) (param $offset i64) (result i32)
    (loop $more
      (if (i32.ge_u (local.get $index) (global.get $group_end))
        (then
          (global.set $unreadable (i32.const 1))
          (return (local.get $index))))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $more
        (i64.ne (call $record_offset (i32.sub (local.get $index) (i32.const 1))) (local.get $offset))))
    (local.get $index))

  ;; The result of the next record of the group, or -1 if its output does not fit.
  (func $hand_out (param $index i32) (param $makes_records i32) (result i32)
    (local $bytes i32) (local $number i32)
    (if (i32.eq (local.get $index) (global.get $failed))
      (then
        (call $set_progress (local.get $index))
        (global.set $cursor (global.get $hint))
        (call $report_hint)
        (return (i32.const 2))))
    (if (i32.and (i32.eqz (global.get $waiting)) (i32.ne (global.get $unread) (i32.const 0)))
      (then
        (call $read_record)
        (global.set $unread (i32.sub (global.get $unread) (i32.const 1)))
        (global.set $waiting (i32.const 1))))
    (if (i32.eqz (global.get $waiting)) (then (return (i32.const 0))))
    (if (i64.ne (global.get $delta) (call $offset_delta (local.get $index))) (then (return (i32.const 0))))
    (if (local.get $makes_records)
      (then
        (local.set $bytes (global.get $value_length))
        (if (i32.gt_s (global.get $key_length) (i32.const 0))
          (then (local.set $bytes (i32.add (local.get $bytes) (global.get $key_length)))))
        (if (i32.eqz (call $fits (i32.const 1) (local.get $bytes))) (then (return (i32.const -1))))
        (local.set $number (i32.load (call $outputs)))
        (call $emit (local.get $index) (local.get $number)
          (select (i32.const -2) (global.get $key_length) (global.get $aggregates)))
        (i32.store (call $outputs) (i32.add (local.get $number) (i32.const 1)))))
    (global.set $waiting (i32.const 0))
    (i32.const 1))

  (func $is_kept (param $index i32) (result i32)
    (i32.and (i32.eq (global.get $kept_index) (local.get $index))
      (i64.eq (global.get $kept_offset) (call $record_offset (local.get $index)))))

  ;; Keep the answer, from this record on, for the next call.
  (func $keep (param $index i32) (result i32)
    (global.set $kept_index (local.get $index))
    (global.set $kept_offset (call $record_offset (local.get $index)))
    (local.get $index))

  ;; Evaluate the records from `start` to before `end`; the index of the first one that was not evaluated.
  ;;
  ;; The more records, the less time each takes, as the host sees to: then a group takes little, too.
  (func $evaluate (param $header i32) (param $makes_records i32) (param $several i32) (result i32)
    (local $index i32) (local $end i32) (local $result i32) (local $status i32) (local $area i32)
    (global.set $header (local.get $header))
    (local.set $index (i32.load offset=8 (local.get $header)))
    (local.set $end (i32.load offset=12 (local.get $header)))
    (local.set $area (i32.load offset=64 (local.get $header)))
    (global.set $most (i32.shr_u (i32.sub (local.get $end) (local.get $index)) (i32.const 6)))
    (if (i32.or (local.get $several) (i32.eqz (global.get $most))) (then (global.set $most (i32.const 1))))
    (if (i32.gt_u (global.get $most) (global.get $largest_group))
      (then (global.set $most (global.get $largest_group))))
    (loop $more
      (call $set_progress (local.get $index))
      (if (i32.eqz (call $is_kept (local.get $index)))
        (then
          (call $free_answer)
          (call $begin_group (local.get $index) (local.get $end))
          (local.set $status (call $ask_transform))
          (if (i32.gt_u (global.get $group_size) (i32.const 1))
            (then
              (if (i32.eqz (call $begin_handing_out (local.get $status)))
                (then
                  (global.set $single (i32.const 1))
                  (br $more)))))))
      (global.set $kept_index (i32.const -1))
      (loop $next
        (local.set $result
          (if (result i32) (i32.gt_u (global.get $group_size) (i32.const 1))
            (then (call $hand_out (local.get $index) (local.get $makes_records)))
            (else (call $result_of (local.get $index) (local.get $status) (local.get $makes_records)))))
        (if (i32.eq (local.get $result) (i32.const -1)) (then (return (call $keep (local.get $index)))))
        (call $set_result (local.get $index) (local.get $result))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (if (i32.lt_u (local.get $index) (global.get $group_end))
          (then
            (br_if $next (i32.lt_u (local.get $index) (local.get $end)))
            (return (call $keep (local.get $index))))))
      (call $free_answer)
      ;; As docs/abi.md asks: room for a panic is left.
      (if (i32.lt_u
            (i32.sub (i32.sub (i32.load offset=68 (global.get $header)) (i32.const 8))
              (i32.load (local.get $area)))
            (i32.const 4096))
        (then (return (local.get $index))))
      (br_if $more (i32.lt_u (local.get $index) (local.get $end))))
    (local.get $index))

  (func (export "smartstream_filter") (param $header i32) (result i32)
    (call $evaluate (local.get $header) (i32.const 0) (i32.const 0)))

  (func (export "smartstream_map") (export "smartstream_filter_map") (param $header i32) (result i32)
    (call $evaluate (local.get $header) (i32.const 1) (i32.const 0)))

  ;; Its outputs do not say which record they are from.
  (func (export "smartstream_array_map") (param $header i32) (result i32)
    (call $evaluate (local.get $header) (i32.const 1) (i32.const 1)))

  (func (export "smartstream_aggregate") (param $header i32) (result i32)
    (global.set $aggregates (i32.const 1))
    (global.set $accumulator (i32.load offset=88 (local.get $header)))
    (global.set $accumulator_size (i32.load offset=92 (local.get $header)))
    (call $evaluate (local.get $header) (i32.const 1) (i32.const 0)))

  ;; Report why a step before the first record failed: with a hint, if the status says that there is one.
  (func $report_failure (param $status i32) (param $status_with_hint i32)
    (if (i32.ne (local.get $status) (local.get $status_with_hint))
      (then (call $report_status (local.get $status)) (return)))
    (if (i32.eq (global.get $answer_length) (i32.const -1))
      (then (call $report_silence) (return)))
    (call $begin_answer)
    (call $report_hint)
    (call $free_answer))

  (func (export "smartstream_look_back") (param $header i32) (result i32)
    (local $index i32) (local $input i32) (local $size i32) (local $status i32)
    (global.set $header (local.get $header))
    (global.set $aggregates (i32.const 0))
    (local.set $index (i32.load offset=8 (local.get $header)))
    (loop $more
      (call $set_progress (local.get $index))
      (call $begin_group (local.get $index) (i32.add (local.get $index) (i32.const 1)))
      (call $input)
      (local.set $size)
      (local.set $input)
      (global.set $answer_length (i32.const -1))
      (local.set $status
        (call $look_back (local.get $input) (local.get $size) (global.get $layout_version)))
      (if (i32.lt_s (local.get $status) (i32.const 0))
        (then
          (call $report_failure (local.get $status) (i32.const -99))
          (call $set_result (local.get $index) (i32.const 2))
          (return (i32.add (local.get $index) (i32.const 1)))))
      (call $set_result (local.get $index) (i32.const 1))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $index) (i32.load offset=12 (local.get $header)))))
    (local.get $index))

  ;; Bytes of the input of `init`, or 0 if a parameter is too long for Fluvio's layout.
  (func $init_size (result i32)
    (local $at i32) (local $left i32) (local $size i32) (local $name i32) (local $value i32)
    ;; A count, and that there is no look-back.
    (local.set $size (i32.const 3))
    (if (local.tee $at (i32.load offset=96 (global.get $header)))
      (then
        (local.set $left (i32.load (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (loop $more
          (if (local.get $left)
            (then
              (local.set $name (i32.load (local.get $at)))
              (local.set $value (i32.load offset=4 (local.get $at)))
              (if (i32.gt_u (i32.or (local.get $name) (local.get $value)) (i32.const 0x7fff))
                (then (return (i32.const 0))))
              (local.set $name (i32.add (local.get $name) (local.get $value)))
              (local.set $size (i32.add (local.get $size) (i32.add (i32.const 4) (local.get $name))))
              (local.set $at (i32.add (local.get $at) (i32.add (i32.const 8) (local.get $name))))
              (local.set $left (i32.sub (local.get $left) (i32.const 1)))
              (br $more))))))
    (if (call $looks_back)
      (then
        (local.set $size (i32.add (local.get $size) (i32.const 9)))
        (if (i64.ge_s (i64.load offset=112 (global.get $header)) (i64.const 0))
          (then (local.set $size (i32.add (local.get $size) (i32.const 12)))))))
    (local.get $size))

  (func $looks_back (result i32)
    (i32.or
      (i64.ge_s (i64.load offset=104 (global.get $header)) (i64.const 0))
      (i64.ge_s (i64.load offset=112 (global.get $header)) (i64.const 0))))

  (func $put_parameters (param $to i32) (result i32)
    (local $at i32) (local $left i32) (local $name i32) (local $value i32)
    (local.set $at (i32.load offset=96 (global.get $header)))
    (if (local.get $at) (then (local.set $left (i32.load (local.get $at)))))
    (local.set $to (call $put16 (local.get $to) (local.get $left)))
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (loop $more
      (if (local.get $left)
        (then
          (local.set $name (i32.load (local.get $at)))
          (local.set $value (i32.load offset=4 (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (local.set $to (call $put16 (local.get $to) (local.get $name)))
          (local.set $to (call $put_bytes (local.get $to) (local.get $at) (local.get $name)))
          (local.set $at (i32.add (local.get $at) (local.get $name)))
          (local.set $to (call $put16 (local.get $to) (local.get $value)))
          (local.set $to (call $put_bytes (local.get $to) (local.get $at) (local.get $value)))
          (local.set $at (i32.add (local.get $at) (local.get $value)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $more))))
    (local.get $to))

  (func $put_look_back (param $to i32)
    (local $last i64) (local $age i64)
    (local.set $last (i64.load offset=104 (global.get $header)))
    (local.set $age (i64.load offset=112 (global.get $header)))
    (i32.store8 (local.get $to) (call $looks_back))
    (if (i32.eqz (call $looks_back)) (then (return)))
    (local.set $to
      (call $put64 (i32.add (local.get $to) (i32.const 1))
        (select (local.get $last) (i64.const 0) (i64.ge_s (local.get $last) (i64.const 0)))))
    (i32.store8 (local.get $to) (i64.ge_s (local.get $age) (i64.const 0)))
    (if (i64.lt_s (local.get $age) (i64.const 0)) (then (return)))
    (local.set $to
      (call $put64 (i32.add (local.get $to) (i32.const 1)) (i64.div_u (local.get $age) (i64.const 1000))))
    (drop
      (call $put32 (local.get $to)
        (i32.mul (i32.wrap_i64 (i64.rem_u (local.get $age) (i64.const 1000))) (i32.const 1000000)))))

  (func (export "smartstream_init") (param $header i32) (result i32)
    (local $size i32) (local $input i32) (local $status i32)
    (global.set $header (local.get $header))
    (call $set_progress (i32.const 0))
    (local.set $size (call $init_size))
    (if (i32.eqz (local.get $size)) (then (call $report_long_parameter) (return (i32.const 1))))
    (local.set $input (call $alloc (local.get $size)))
    (call $put_look_back (call $put_parameters (local.get $input)))
    (global.set $answer_length (i32.const -1))
    (local.set $status (call $init (local.get $input) (local.get $size) (global.get $layout_version)))
    (if (i32.ge_s (local.get $status) (i32.const 0)) (then (return (i32.const 0))))
    (call $report_failure (local.get $status) (i32.const -2))
    (i32.const 1))
)
