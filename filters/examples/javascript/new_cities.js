const seen = new Set()

/** Whether a record names a city that no record before it has named. */
function isNew(record) {
  if (!record.value.startsWith('{')) return false
  const { city } = record.json()
  return city !== undefined && seen.size < seen.add(city).size
}

/** Looks at records that are stored already, before the first new one: `--look-back last=1000`. */
export function lookBack(record) {
  isNew(record)
}

/** Passes the first record of each city. */
export function filter(record) {
  return isNew(record)
}
