import { setTimeout as sleep } from 'node:timers/promises'

type Ask = { method?: string; json?: unknown; token?: string; signal?: AbortSignal; accept?: string }

/** The site refused the request. The message is a sentence for the user. */
export class Refused extends Error {
  override name = 'Refused'
}

/** There was no answer, or none from Parley. Another try may succeed. */
export class Unavailable extends Error {
  override name = 'Unavailable'
  constructor(
    message: string,
    /** Set if the site did answer, and asked to wait this long. */
    readonly retryAfterMs?: number,
  ) {
    super(message)
  }
}

const answerWithinMs = 15_000
const shortestWaitMs = 250
const longestWaitMs = 5000

/** A client of the HTTP API, with one login session. */
export class Site {
  #isUnavailable = false
  readonly #noRetry = new AbortController()

  constructor(
    readonly address: string,
    readonly note: (text: string) => void,
    public token?: string,
  ) {}

  /** Ends all retries. */
  giveUp = () => this.#noRetry.abort()

  get isUnavailable() {
    return this.#isUnavailable
  }

  /** Repeats the request until there is an answer. @throws {Refused} */
  askUntilAnswered = <T>(path: string, asked?: Ask) => this.#retry(() => this.ask<T>(path, asked))

  /** Opens a stream, of JSON lines unless `accept` says otherwise. @throws {Refused} */
  open = (path: string, signal: AbortSignal, accept = 'application/x-ndjson') =>
    this.#retry(
      async () => (await this.#fetch(path, { signal, accept })).body ?? [],
      signal,
    ) as Promise<unknown> as Promise<AsyncIterable<Uint8Array>>

  /** Sends the request once. @throws {Refused | Unavailable} */
  ask = async <T>(path: string, asked?: Ask): Promise<T> => {
    const answer = await this.#fetch(path, asked)
    const text = await answer.text().catch(failUnavailable)
    return JSON.parse(text || 'null')
  }

  async #fetch(path: string, { method, json, token = this.token, signal, accept }: Ask = {}) {
    const answer = await fetch(new URL(path, this.address), {
      method: method ?? (json === undefined ? 'GET' : 'POST'),
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(accept && { accept }),
      },
      body: json === undefined ? undefined : JSON.stringify(json),
      signal: signal ?? AbortSignal.timeout(answerWithinMs),
    }).catch(failUnavailable)
    if (!answer.ok) throw await problemOf(answer)
    return answer
  }

  /** Repeats `attempt` until it succeeds. Tells the user once when the site does not answer, and when it is back. */
  async #retry<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let wait = shortestWaitMs; ; wait = Math.min(wait * 2, longestWaitMs)) {
      try {
        const result = await attempt()
        if (this.#isUnavailable) this.note('The site is back.')
        this.#isUnavailable = false
        return result
      } catch (error) {
        if (!(error instanceof Unavailable) || signal?.aborted) throw error
        this.#report(error)
        await sleep(error.retryAfterMs ?? wait, undefined, { signal: this.#noRetry.signal })
      }
    }
  }

  #report({ message, retryAfterMs }: Unavailable) {
    if (retryAfterMs !== undefined) return this.note(message)
    if (!this.#isUnavailable)
      this.note('The site does not answer. Your messages are kept, and sent when it is back.')
    this.#isUnavailable = true
  }
}

async function problemOf(answer: Response) {
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json')
  const { detail = '' } = isProblem ? await answer.json().catch(() => ({})) : {}
  if (answer.status === 429)
    return new Unavailable(detail, 1000 * (Number(answer.headers.get('retry-after')) || 5))
  return isProblem && answer.status < 500
    ? new Refused(detail)
    : new Unavailable(`it answered ${answer.status}`)
}

function failUnavailable({ message, cause }: Error): never {
  throw new Unavailable(
    cause instanceof Error ? ('code' in cause && `${cause.code}`) || cause.message : message,
  )
}
