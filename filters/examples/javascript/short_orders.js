/**
 * Turns an order into one line of text, and gives it its city as the key.
 *
 * A map makes exactly one record of each; an exception reports the record that it cannot make.
 */
export function map(record) {
  const { id, city, amount, status } = record.json()
  if (amount === undefined) throw new Error('not an order: it has no amount')
  return { key: city, value: `${id} ${amount.toFixed(2)} ${status}` }
}
