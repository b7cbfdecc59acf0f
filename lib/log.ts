import 'server-only'
import { logLines } from './log-lines'
import { countError } from './metrics'
import { currentRequest } from './request-context'

/** A structured line for people who operate the site. Never give it message texts or secrets. */
export const logInfo = (event: string, details: object) =>
  logLines.add(JSON.stringify({ level: 'info', time: new Date().toISOString(), event, ...details }))

type SecurityEvent =
  | 'login'
  | 'unknown-username'
  | 'wrong-password'
  | 'password-changed'
  | 'login-sessions-ended'
  | 'limit-reached'

/**
 * A line about who got in, who tried to, and who was stopped. Give it ids and addresses, never typed text: a password
 * may have been typed into the wrong field.
 */
export function logSecurity(event: SecurityEvent, details: object) {
  // As with requests, the development server and tests stay quiet.
  if (process.env.NODE_ENV === 'production')
    logInfo(`security.${event}`, { request: currentRequest()?.id, ...details })
}

/** The same for what went wrong. */
export function logError(event: string, error: unknown) {
  countError(event)
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined
  const time = new Date().toISOString()
  // In their order.
  logLines.flush()
  console.error(
    JSON.stringify({
      level: 'error',
      time,
      event,
      request: currentRequest()?.id,
      name,
      message,
      cause,
      stack,
    }),
  )
}
