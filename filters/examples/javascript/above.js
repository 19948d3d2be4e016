const limits = { amount: 0, city: undefined }

/** Reads the parameters, once: `-e amount=100 -e city=Lyon`. An exception keeps the SmartStream from starting. */
export function init(params) {
  if (params.amount === undefined) throw new Error('missing parameter amount: set it with -e amount=…')
  limits.amount = Number(params.amount)
  limits.city = params.city
}

/** Passes orders of at least an amount, from one city if you name one. */
export function filter(record) {
  if (!record.value.startsWith('{')) return false
  const { amount, city } = record.json()
  return amount >= limits.amount && (limits.city === undefined || city === limits.city)
}
