import { setTimeout as sleep } from 'node:timers/promises'

type Ask = { method?: string; json?: unknown; token?: string; signal?: AbortSignal; accept?: string }

/** The site said no, in a sentence. */
export class Refused extends Error {
  override name = 'Refused'
}

/** No answer, or none of Parley's: it may come to another try. */
export class Away extends Error {
  override name = 'Away'
  constructor(
    message: string,
    /** What the site asked to wait; it is there, then. */
    readonly waitMs?: number,
  ) {
    super(message)
  }
}

const answerWithinMs = 15_000
const shortestWaitMs = 250
const longestWaitMs = 5000

/** The HTTP API, as one login session. */
export class Site {
  token?: string
  #isAway = false
  readonly #impatience = new AbortController()

  constructor(
    readonly address: string,
    readonly note: (text: string) => void,
  ) {}

  /** From now on what fails is not tried again. */
  giveUp = () => this.#impatience.abort()

  get isAway() {
    return this.#isAway
  }

  /** Asks until there is an answer. @throws {Refused} */
  insist = <T>(path: string, asked?: Ask) => this.#patiently(() => this.ask<T>(path, asked))

  /** Opens a stream of lines of JSON. @throws {Refused} */
  open = (path: string, signal: AbortSignal) =>
    this.#patiently(
      async () => (await this.#fetch(path, { signal, accept: 'application/x-ndjson' })).body ?? [],
      signal,
    ) as Promise<unknown> as Promise<AsyncIterable<Uint8Array>>

  /** Asks once. @throws {Refused | Away} */
  ask = async <T>(path: string, asked?: Ask): Promise<T> => {
    const answer = await this.#fetch(path, asked)
    const text = await answer.text().catch(failAway)
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
    }).catch(failAway)
    if (!answer.ok) throw await problemOf(answer)
    return answer
  }

  /** Tries again until it can be. Says once that the site is away, and when it is back. */
  async #patiently<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let wait = shortestWaitMs; ; wait = Math.min(wait * 2, longestWaitMs)) {
      try {
        const result = await attempt()
        if (this.#isAway) this.note('The site is back.')
        this.#isAway = false
        return result
      } catch (error) {
        if (!(error instanceof Away) || signal?.aborted) throw error
        this.#tell(error)
        await sleep(error.waitMs ?? wait, undefined, { signal: this.#impatience.signal })
      }
    }
  }

  #tell({ message, waitMs }: Away) {
    if (waitMs !== undefined) return this.note(message)
    if (!this.#isAway) this.note('The site is away. What you write is kept until it is back.')
    this.#isAway = true
  }
}

async function problemOf(answer: Response) {
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json')
  const { detail = '' } = isProblem ? await answer.json().catch(() => ({})) : {}
  if (answer.status === 429) return new Away(detail, 1000 * (Number(answer.headers.get('retry-after')) || 5))
  return isProblem && answer.status < 500 ? new Refused(detail) : new Away(`it answered ${answer.status}`)
}

function failAway({ message, cause }: Error): never {
  throw new Away(cause instanceof Error ? ('code' in cause && `${cause.code}`) || cause.message : message)
}
