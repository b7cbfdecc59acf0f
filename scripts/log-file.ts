import { statSync } from 'node:fs'
import { appendFile, readFile, rename } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { wholeLines } from '@/lib/whole-lines'

/** Ten files for each service, so that a flood of requests does not soon erase the log of its own beginning. */
const fileCount = 10
const maxBytes = 10 * 2 ** 20
/** While the disk hangs, output beyond this is dropped. */
const maxWaiting = 4 * 2 ** 20

const logs = new Map<string, LogFile>()

/** Writes a service's output to a file, line by line. Older output is in files numbered from 1. */
export function logTo(file: string, ...outputs: (Readable | null)[]) {
  const log = logs.get(file) ?? new LogFile(file)
  logs.set(file, log)
  for (const output of outputs) output?.pipe(wholeLines()).on('data', log.write)
}

/** Resolves when everything logged so far is written. */
export const logsWritten = () => Promise.all([...logs.values()].map(({ written }) => written))

/**
 * Writes in the background. If the launcher waited for the disk, it would not read the services' output, and they
 * would wait as well.
 */
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
      // A full disk must not stop the site.
      await this.#append(text).catch(() => {})
    }
  }

  async #append(text: Buffer) {
    if (this.#size && this.#size + text.length > this.limit) await this.#rotate()
    this.#size += text.length
    await appendFile(this.file, text, { mode: 0o600 })
  }

  /** Gives each file the next higher number; the oldest one is overwritten. */
  async #rotate() {
    for (let number = fileCount - 1; number > 0; number--)
      await rename(number > 1 ? `${this.file}.${number - 1}` : this.file, `${this.file}.${number}`).catch(
        () => {},
      )
    this.#size = 0
  }
}

/** The last lines of a log, to be shown with an error. */
export async function logTail(file: string) {
  await logsWritten()
  const text = await readFile(file, 'utf8').catch(() => '')
  return [`The end of ${file}:`, ...text.trimEnd().split('\n').slice(-8)].join('\n  ')
}
