import 'server-only'
import { AsyncLocalStorage } from 'node:async_hooks'
import { countError } from './metrics'

// The framework loads this module once for each of its bundles; a request goes through several of them.
const shared = globalThis as { parleyRequestId?: AsyncLocalStorage<string> }
shared.parleyRequestId ??= new AsyncLocalStorage()
const requestId = shared.parleyRequestId

/** Does something as a part of a request: what is logged meanwhile bears its id. */
export const withRequestId = <T>(id: string, work: () => T): T => requestId.run(id, work)

/** A structured line for people who operate the site. Never give it message texts or secrets. */
export const logInfo = (event: string, details: object) =>
  console.log(JSON.stringify({ level: 'info', time: new Date().toISOString(), event, ...details }))

/** The same for what went wrong. */
export function logError(event: string, error: unknown) {
  countError(event)
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined
  const time = new Date().toISOString()
  console.error(
    JSON.stringify({
      level: 'error',
      time,
      event,
      request: requestId.getStore(),
      name,
      message,
      cause,
      stack,
    }),
  )
}
