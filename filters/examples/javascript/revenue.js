/**
 * Adds up the amounts of orders that are paid.
 *
 * An aggregate gets its value so far, as text, and returns its new value, which is also the output. It begins with the
 * empty text, or with what `--aggregate-initial` says. An exception leaves the value as it was.
 */
export function aggregate(total, record) {
  const order = record.json()
  if (order.status !== 'paid') return Number(total)
  if (order.amount === undefined) throw new Error('a paid order without an amount')
  return Number(total) + order.amount
}
