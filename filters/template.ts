// A filter: a function that decides for each record whether the consumer gets it. Types are taken out, not checked.
//
//   fluvio-tui watch TOPIC -f THIS_FILE                                see what passes while you edit
//   fluvio-tui consume TOPIC smartstream --inline-filter THIS_FILE     print what passes
//
// A record has value, key (text), bytes, keyBytes (Uint8Array), json(), offset, timestamp and partition. For new records
// instead of a choice of them, export a function `map`, `filterMap`, `arrayMap` or `aggregate`. For your editor,
// `fluvio-tui smartstream new --types` declares them in smartstream.d.ts.

interface Entry {
  status?: string
}

/** Passes errors: JSON with that status, or text with that word. (`smartstream describe` shows this comment.) */
export function filter(record: SmartStreamRecord): boolean {
  if (record.value.startsWith('{')) {
    // An exception reports an error for this record; the others are unaffected.
    return (record.json() as Entry).status === 'error'
  }

  // console.log prints a line about the current record; `fluvio-tui consume` shows it.
  return record.value.includes('error')
}
