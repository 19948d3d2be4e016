// What a SmartStream of fluvio-tui sees, and what it may return. Export exactly one kind: filter, map, filterMap,
// arrayMap or aggregate; and init or lookBack beside it.

/** A record. It is valid during the call: keep what you read of it. */
interface SmartStreamRecord {
  /** The value as text; empty for a tombstone. What is not UTF-8 is U+FFFD. */
  readonly value: string
  /** The key as text; null if there is none. */
  readonly key: string | null
  /** The bytes of the value, copied. */
  readonly bytes: Uint8Array
  /** The bytes of the key, copied. */
  readonly keyBytes: Uint8Array | null
  /** The value, parsed once. */
  json(): any
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly partition: number
  readonly isTombstone: boolean
  /** By name; of a name that occurs more than once, the last. A header without a value is null. */
  readonly headers: Record<string, string | null>
}

/** Text, bytes, null for none, or anything else, which is written as JSON. */
type SmartStreamValue = string | Uint8Array | ArrayBuffer | number | boolean | null | object

/** A value, with the key of its input; or both. */
type SmartStreamOutput = SmartStreamValue | { key?: SmartStreamValue; value: SmartStreamValue }

type SmartStreamFilter = (record: SmartStreamRecord) => unknown
type SmartStreamMap = (record: SmartStreamRecord) => SmartStreamOutput
type SmartStreamFilterMap = (record: SmartStreamRecord) => SmartStreamOutput | null | undefined
type SmartStreamArrayMap = (record: SmartStreamRecord) => SmartStreamOutput[]
/** The accumulator is text: empty at first, or what `--aggregate-initial` says. */
type SmartStreamAggregate = (accumulator: string, record: SmartStreamRecord) => SmartStreamValue
type SmartStreamInit = (params: Record<string, string>) => void
type SmartStreamLookBack = (record: SmartStreamRecord) => void
