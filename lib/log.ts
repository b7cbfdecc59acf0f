import 'server-only'
import { logLines } from './log-lines'
import { countError } from './metrics'
import { currentRequest } from './request-context'

/** Writes a structured log line for the site's operators. Never pass message texts or secrets. */
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
 * Logs a login, an attempt or a refusal. Pass ids and addresses, never typed text, because somebody may have typed a
 * password into the wrong field.
 */
export function logSecurity(event: SecurityEvent, details: object) {
  // Like requests, not logged in development and tests.
  if (process.env.NODE_ENV === 'production')
    logInfo(`security.${event}`, { request: currentRequest()?.id, ...details })
}

/** Logs an error, with its stack. */
export function logError(event: string, error: unknown) {
  countError(event)
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined
  const time = new Date().toISOString()
  // Writes earlier lines first.
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
