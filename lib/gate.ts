import 'server-only'
import { Refusal } from './errors'

type GateOptions = {
  /** The kind of work, in the plural, for the sentence of a refusal. */
  of: string
  atOnce: number
  /** How many may wait in line, and how long. */
  waiting: number
  patienceMs: number
}

/** Limits how many pieces of work run at once; the others wait in line. */
export class Gate {
  #running = 0
  readonly #line: (() => void)[] = []

  constructor(readonly options: GateOptions) {}

  /** @throws {Refusal} 429 if the line is too long, or does not move in time */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#enter()
    try {
      return await work()
    } finally {
      // The next in line takes this one's place.
      const next = this.#line.shift()
      if (next) next()
      else this.#running--
    }
  }

  async #enter() {
    const { atOnce, waiting } = this.options
    if (this.#running < atOnce) {
      this.#running++
      return
    }
    if (this.#line.length >= waiting) throw this.#tooMany()
    await this.#wait()
  }

  #wait() {
    return new Promise<void>((resolve, reject) => {
      const next = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#line.splice(this.#line.indexOf(next), 1)
        reject(this.#tooMany())
      }, this.options.patienceMs)
      this.#line.push(next)
    })
  }

  #tooMany() {
    const seconds = Math.ceil(this.options.patienceMs / 1000)
    return new Refusal(429, `Too many ${this.options.of} at the moment. Try again in ${seconds} seconds.`, {
      retryAfter: seconds,
    })
  }
}
