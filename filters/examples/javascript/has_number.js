/** Passes values that are more than digits. */
export function filter(record) {
  return !/^\p{N}*$/u.test(record.value)
}
