import 'server-only'

/** A structured line for people who operate the site. Never give it message texts or secrets. */
export function logError(event: string, error: unknown) {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  console.error(
    JSON.stringify({ level: 'error', time: new Date().toISOString(), event, name, message, stack }),
  )
}
