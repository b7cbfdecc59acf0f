type Extra = {
  errors?: Record<string, string>
  details?: { conversation?: { id: string }; [name: string]: unknown }
  retryAfter?: number
}

/**
 * A rule says no: `status` is what the HTTP API answers, the message is a sentence for people.
 * `errors` names the faulty fields; `details` goes along in the API's problem document; `retryAfter` is how
 * many seconds to wait before trying again helps.
 */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly errors: Extra['errors']
  readonly details: Extra['details']
  readonly retryAfter: Extra['retryAfter']

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 503,
    message: string,
    { errors, details, retryAfter }: Extra = {},
  ) {
    super(message)
    this.errors = errors
    this.details = details
    this.retryAfter = retryAfter
  }
}

/** Input that breaks a rule, with a sentence for each faulty field. */
export const invalid = (errors: Record<string, string>) =>
  new Refusal(422, Object.values(errors).join(' '), { errors })

// PostgreSQL's query_canceled and lock_not_available: the limits of db/bounds.ts.
const cancelled = ['57014', '55P03']

/** The refusal that an error is to the client, if it is one: a rule said no, or the database took too long. */
export function asRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (!(error instanceof Error)) return undefined
  return 'code' in error && cancelled.includes(String(error.code))
    ? new Refusal(503, 'This took too long. Try again in a moment.', { retryAfter: 5 })
    : asRefusal(error.cause)
}

/** Whether PostgreSQL refused a row because its key is taken. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === '23505') || isUniqueViolation(error.cause))

/** One answer for what does not exist and for what this person may not see. */
export const missing = (what: string) => new Refusal(404, `There is no such ${what}.`)
