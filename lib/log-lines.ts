import 'server-only'
import { processState } from '@/db/process-state'

/** Long enough to write many lines at once under load, too short for anyone to wait for one. */
const waitMs = 20
/** What may wait for a reader that has stopped reading; further lines are dropped. */
const maxBytes = 4 * 1024 * 1024

/** Lines on their way to the standard output: written together a little later, so that no answer waits for them. */
class LogLines {
  #lines: string[] = []
  #dropped = 0

  constructor() {
    process.on('exit', this.flush)
  }

  add(line: string) {
    if (process.stdout.writableLength > maxBytes) return void this.#dropped++
    if (!this.#lines.length) setTimeout(this.flush, waitMs).unref()
    this.#lines.push(line)
  }

  flush = () => {
    if (this.#dropped)
      this.#lines.push(
        JSON.stringify({
          level: 'error',
          time: new Date().toISOString(),
          event: 'log.dropped',
          lines: this.#dropped,
        }),
      )
    if (!this.#lines.length) return
    process.stdout.write(`${this.#lines.join('\n')}\n`)
    this.#lines = []
    this.#dropped = 0
  }
}

export const logLines = processState('log lines', () => new LogLines())
