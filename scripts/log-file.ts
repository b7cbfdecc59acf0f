import { statSync } from 'node:fs'
import { appendFile, readFile, rename } from 'node:fs/promises'
import type { Readable } from 'node:stream'

/** So much is kept of each part in all, so that a flood of requests does not soon erase what it began with. */
const files = 10
const maxBytes = 10 * 2 ** 20
/** What waits for a disk that stands still; more than that is dropped. */
const maxWaiting = 4 * 2 ** 20

const logs = new Map<string, LogFile>()

/** Keeps what a part says in a file, and in older ones numbered from 1. */
export function logTo(file: string, ...outputs: (Readable | null)[]) {
  const log = logs.get(file) ?? new LogFile(file)
  logs.set(file, log)
  for (const output of outputs) output?.on('data', log.write)
}

/** Resolves when all that was logged so far is written. */
export const logsWritten = () => Promise.all([...logs.values()].map(({ written }) => written))

/** Writes in the background: were the launcher held up by the disk, so would be the parts whose output it reads. */
export class LogFile {
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #size: number
  written: Promise<void> | undefined

  constructor(
    readonly file: string,
    readonly limit = maxBytes,
  ) {
    this.#size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  }

  write = (chunk: Buffer) => {
    if (this.#waitingBytes > maxWaiting) return
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    this.written ??= this.#writeWaiting().finally(() => {
      this.written = undefined
    })
  }

  async #writeWaiting() {
    while (this.#waiting.length) {
      const text = Buffer.concat(this.#waiting)
      this.#waiting = []
      this.#waitingBytes = 0
      // A full disk is no reason to take the site down.
      await this.#append(text).catch(() => {})
    }
  }

  async #append(text: Buffer) {
    if (this.#size && this.#size + text.length > this.limit) await this.#moveOn()
    this.#size += text.length
    await appendFile(this.file, text, { mode: 0o600 })
  }

  /** Each file takes the place of the next older one; the oldest goes. */
  async #moveOn() {
    for (let number = files - 1; number > 0; number--)
      await rename(number > 1 ? `${this.file}.${number - 1}` : this.file, `${this.file}.${number}`).catch(
        () => {},
      )
    this.#size = 0
  }
}

/** The last lines of a log, to show beside an error. */
export async function logTail(file: string) {
  await logsWritten()
  const text = await readFile(file, 'utf8').catch(() => '')
  return [`The end of ${file}:`, ...text.trimEnd().split('\n').slice(-8)].join('\n  ')
}
