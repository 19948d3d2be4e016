/** Orders of at least this amount are large. */
const LARGE = 100

/** Passes large orders. A value that is not JSON is an error; other records are unaffected. */
export function filter(record) {
  return record.json().amount >= LARGE
}
