import 'server-only'
import { processState } from '@/db/process-state'

/** Long enough to write many lines together under load, too short to delay anyone who reads along. */
const waitMs = 20
/** The most that may wait for a stalled reader; further lines are dropped. */
const maxBytes = 4 * 1024 * 1024

/**
 * Buffers log lines for the standard output and writes them together a little later, so that no request waits for
 * them.
 */
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
