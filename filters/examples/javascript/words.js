/**
 * Splits lines into words. Each word is a record of its own, and its key is the word in lower case.
 *
 * An arrayMap makes any number of records of each.
 */
export function arrayMap(record) {
  const words = record.value.split(/[^\p{L}\p{N}]+/u).filter((word) => word)
  return words.map((word) => ({ key: word.toLowerCase(), value: word }))
}
