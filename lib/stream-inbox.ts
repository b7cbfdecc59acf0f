import 'server-only'
import { onAbort } from './on-abort'
import type { Received } from './realtime/subscribe'

const quietMs = 15_000
/** Small, because a stream keeps its inbox in memory while its reader is stalled. */
const size = 32

/** What a stream has received and not handled yet. */
export class Inbox {
  #items: Received[] = []
  #wake = () => {}
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    onAbort(signal, () => this.#wake())
  }

  put = (received: Received) => {
    // Full, because the reader is slow. It will read from the database instead.
    if (this.#items.length >= size) this.#items = ['gap']
    else {
      // One read of the database covers all earlier ones.
      if (received === 'gap') this.#items = this.#items.filter((one) => one !== 'gap')
      this.#items.push(received)
    }
    this.#wake()
  }

  /** The next item, `quiet` if there was none for a while, undefined at the end of the stream. */
  async take(): Promise<Received | 'quiet' | undefined> {
    if (!this.#items.length && !this.#signal.aborted) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        timer = setTimeout(resolve, quietMs)
      })
      clearTimeout(timer)
    }
    return this.#signal.aborted ? undefined : (this.#items.shift() ?? 'quiet')
  }
}
