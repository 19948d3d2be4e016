/**
 * Passes the city and the amount of payments that failed, and drops everything else.
 *
 * A filterMap makes one record or none of each. The key stays as it is, since only a value is returned.
 */
export function filterMap(record) {
  if (!record.value.startsWith('{')) return null
  const order = record.json()
  return order.status === 'failed' ? `${order.city} ${order.amount.toFixed(2)}` : null
}
