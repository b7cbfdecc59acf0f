type Extra = {
  errors?: Record<string, string>
  details?: { conversation?: { id: string }; [name: string]: unknown }
  retryAfter?: number
}

/**
 * A request that a rule refuses. `status` is the HTTP API's status, and the message is a sentence for people.
 * `errors` has a sentence for each invalid field; `details` are further members of the API's problem document;
 * `retryAfter` is in seconds.
 */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly errors: Extra['errors']
  readonly details: Extra['details']
  readonly retryAfter: Extra['retryAfter']

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 429 | 503,
    message: string,
    { errors, details, retryAfter }: Extra = {},
  ) {
    super(message)
    this.errors = errors
    this.details = details
    this.retryAfter = retryAfter
  }
}

/** Refuses invalid input, with a sentence for each invalid field. */
export const invalid = (errors: Record<string, string>) =>
  new Refusal(422, Object.values(errors).join(' '), { errors })

// PostgreSQL's query_canceled and lock_not_available, caused by the time limits in db/time-limits.ts.
const cancelled = ['57014', '55P03']
/** The codes of postgres.js for a database that is away or hangs (db/resilient-client.ts). */
const lost = /^(CONNECTION_|CONNECT_TIMEOUT$)/

/**
 * The refusal that a client receives for an error: of a rule, or because the database did not answer in time.
 * Undefined for any other error.
 */
export function asRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? String(error.code) : ''
  return cancelled.includes(code) || lost.test(code)
    ? new Refusal(503, 'This took too long. Try again in a moment.', { retryAfter: 5 })
    : asRefusal(error.cause)
}

/** Whether PostgreSQL refused a row because its unique key exists already. */
export const isUniqueViolation = (error: unknown) => hasCode(error, '23505')

/** Whether PostgreSQL refused a row because it has null in a column that needs a value. */
export const isNotNullViolation = (error: unknown) => hasCode(error, '23502')

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && (('code' in error && error.code === code) || hasCode(error.cause, code))

/** Awaits what a page shows. Undefined if there is no such thing, or this person may not see it. */
export const orMissing = <Found>(finding: Promise<Found>): Promise<Found | undefined> =>
  finding.catch((error) => {
    if (error instanceof Refusal && error.status === 404) return undefined
    throw error
  })

/** The same answer for things that don't exist and things that this person may not see. */
export const missing = (what: string) => new Refusal(404, `There is no such ${what}.`)
