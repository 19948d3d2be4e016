const ERROR = /\b(error|failed)\b/i

/** Passes errors and failures: by the status of a JSON value, else by the word. */
export function filter(record) {
  if (!record.value.startsWith('{')) return ERROR.test(record.value)
  const { status } = record.json()
  return status === 'failed' || status >= 500
}
