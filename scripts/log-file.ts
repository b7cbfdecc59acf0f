import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import type { Readable } from 'node:stream'

const most = 2 ** 20

/** Keeps what a part says in a file, and the file and its predecessor below a megabyte each. */
export function logTo(file: string, ...outputs: (Readable | null)[]) {
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  const write = (chunk: Buffer) => {
    try {
      if (size > most) {
        renameSync(file, `${file}.1`)
        size = 0
      }
      size += chunk.length
      appendFileSync(file, chunk, { mode: 0o600 })
    } catch {
      // A full disk is no reason to take the site down.
    }
  }
  for (const output of outputs) output?.on('data', write)
}

/** The last lines of a log, to show beside an error. */
export function logTail(file: string) {
  const text = existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : ''
  return [`The end of ${file}:`, ...text.split('\n').slice(-8)].join('\n  ')
}
