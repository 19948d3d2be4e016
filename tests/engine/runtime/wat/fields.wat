;; Reads every field of every record and every column, and writes messages. Written by hand to docs/abi.md.
;;
;; A 32-bit FNV-1a hash covers partition, offset, timestamp, whether there is a key, the key, whether there is a
;; value, the value's length and the value. The result is the hash modulo 3. An error has the hash in eight
;; hexadecimal digits as its text (kind 1), a record that passes prints them (kind 4). Tests replace version 2
;; by 1: the columns that only version 2 has are absent then.
(module
  (memory (export "memory") 1)
  (global $hash (mut i32) (i32.const 0))

  (func (export "smartstream_abi") (result i32)
    (i32.const 2))

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
    (local $verdict i32)
    (local.set $record (i32.load offset=8 (local.get $header)))
    (loop $next
      (if (call $area_is_full (local.get $header))
        (then (return (local.get $record))))
      (i32.store (i32.load offset=60 (local.get $header)) (local.get $record))
      (call $hash_record (local.get $header) (local.get $record))
      (local.set $verdict (i32.rem_u (global.get $hash) (i32.const 3)))
      (if (i32.eq (local.get $verdict) (i32.const 1))
        (then (call $write (i32.load offset=64 (local.get $header)) (local.get $record) (i32.const 4))))
      (if (i32.eq (local.get $verdict) (i32.const 2))
        (then (call $write (i32.load offset=64 (local.get $header)) (local.get $record) (i32.const 1))))
      (i32.store8
        (i32.add (i32.load offset=56 (local.get $header)) (local.get $record))
        (local.get $verdict))
      (local.set $record (i32.add (local.get $record) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $record) (i32.load offset=12 (local.get $header)))))
    (local.get $record))

  ;; Whether less than 4,096 bytes of the message area are left.
  (func $area_is_full (param $header i32) (result i32)
    (i32.lt_u
      (i32.load offset=68 (local.get $header))
      (i32.add (i32.load (i32.load offset=64 (local.get $header))) (i32.const 4104))))

  (func $hash_record (param $header i32) (param $record i32)
    (local $start i32)
    (local $length i32)
    (global.set $hash (i32.const 0x811c9dc5))
    (call $mix_bytes (i32.add (local.get $header) (i32.const 24)) (i32.const 4))
    (call $mix_i64 (call $offset (local.get $header) (local.get $record)))
    (call $mix_bytes
      (i32.add
        (i32.load offset=52 (local.get $header))
        (i32.shl (local.get $record) (i32.const 3)))
      (i32.const 8))
    (call $mix (call $has_key (local.get $header) (local.get $record)))
    (if (call $has_key (local.get $header) (local.get $record))
      (then
        (local.set $start (call $at (i32.load offset=40 (local.get $header)) (local.get $record)))
        (call $mix_bytes
          (i32.add (i32.load offset=44 (local.get $header)) (local.get $start))
          (i32.sub
            (call $at
              (i32.load offset=40 (local.get $header))
              (i32.add (local.get $record) (i32.const 1)))
            (local.get $start)))))
    (local.set $start (call $at (i32.load offset=32 (local.get $header)) (local.get $record)))
    (local.set $length
      (i32.sub
        (call $at (i32.load offset=32 (local.get $header)) (i32.add (local.get $record) (i32.const 1)))
        (local.get $start)))
    (call $mix (call $is_valid (i32.load offset=76 (local.get $header)) (local.get $record)))
    (call $mix_i64 (i64.extend_i32_u (local.get $length)))
    (call $mix_bytes
      (i32.add (i32.load offset=36 (local.get $header)) (local.get $start))
      (local.get $length)))

  ;; 0 if no record has a key.
  (func $has_key (param $header i32) (param $record i32) (result i32)
    (if (i32.eqz (i32.load offset=40 (local.get $header)))
      (then (return (i32.const 0))))
    (call $is_valid (i32.load offset=48 (local.get $header)) (local.get $record)))

  ;; The bit of a record; 1 if there are no bits.
  (func $is_valid (param $bits i32) (param $record i32) (result i32)
    (if (i32.eqz (local.get $bits))
      (then (return (i32.const 1))))
    (i32.and
      (i32.shr_u
        (i32.load8_u (i32.add (local.get $bits) (i32.shr_u (local.get $record) (i32.const 3))))
        (i32.and (local.get $record) (i32.const 7)))
      (i32.const 1)))

  (func $offset (param $header i32) (param $record i32) (result i64)
    (if (i32.eqz (i32.load offset=72 (local.get $header)))
      (then
        (return
          (i64.add
            (i64.load offset=16 (local.get $header))
            (i64.extend_i32_u (local.get $record))))))
    (i64.load
      (i32.add
        (i32.load offset=72 (local.get $header))
        (i32.shl (local.get $record) (i32.const 3)))))

  (func $at (param $offsets i32) (param $index i32) (result i32)
    (i32.load (i32.add (local.get $offsets) (i32.shl (local.get $index) (i32.const 2)))))

  (func $mix (param $byte i32)
    (global.set $hash
      (i32.mul (i32.xor (global.get $hash) (local.get $byte)) (i32.const 0x01000193))))

  (func $mix_bytes (param $from i32) (param $length i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $length)))
        (call $mix (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (br $next))))

  ;; The scratch bytes at 8 are below the region.
  (func $mix_i64 (param $number i64)
    (i64.store (i32.const 8) (local.get $number))
    (call $mix_bytes (i32.const 8) (i32.const 8)))

  ;; An entry of the given kind that holds the hash in eight hexadecimal digits.
  (func $write (param $area i32) (param $record i32) (param $kind i32)
    (local $entry i32)
    (local $digit i32)
    (local $shift i32)
    (local.set $entry (i32.add (i32.add (local.get $area) (i32.const 8)) (i32.load (local.get $area))))
    (i32.store (local.get $entry) (local.get $record))
    (i32.store offset=4 (local.get $entry) (local.get $kind))
    (i32.store offset=8 (local.get $entry) (i32.const 8))
    (i32.store (local.get $area) (i32.add (i32.load (local.get $area)) (i32.const 20)))
    (local.set $shift (i32.const 28))
    (loop $next
      (local.set $digit
        (i32.and (i32.shr_u (global.get $hash) (local.get $shift)) (i32.const 15)))
      (i32.store8 offset=12
        (local.get $entry)
        (i32.add
          (local.get $digit)
          (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
      (local.set $entry (i32.add (local.get $entry) (i32.const 1)))
      (local.set $shift (i32.sub (local.get $shift) (i32.const 4)))
      (br_if $next (i32.ge_s (local.get $shift) (i32.const 0))))))
