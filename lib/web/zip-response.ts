import 'server-only'
import type { Readable } from 'node:stream'
import { onAbort } from '@/lib/on-abort'
import { currentRequest } from '@/lib/request-context'
import { streamOf } from './stream-response'

/** A reader that takes nothing for so long is cut off, because few archives are written at once. */
const stalledMs = 30_000
const longestMs = 3600_000

/**
 * Answers with a ZIP, as it is written. It ends when the reader disconnects or stalls, and after an hour.
 * @param open gets a signal that is aborted when nobody reads the archive any more
 */
export async function zipResponse(
  { method, signal }: Pick<Request, 'method' | 'signal'>,
  name: string,
  open: (signal: AbortSignal) => Promise<Readable>,
) {
  const headers = {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  }
  if (method === 'HEAD') return new Response(null, { headers })
  const life = new AbortController()
  const end = () => life.abort()
  onAbort(signal, end)
  currentRequest()?.response?.once('close', end)
  const timer = setTimeout(end, longestMs).unref()
  process.once('SIGTERM', end)
  const settle = () => {
    clearTimeout(timer)
    process.removeListener('SIGTERM', end)
  }
  try {
    const archive = await open(life.signal)
    return new Response(streamOf(chunksOf(archive, end, settle), life), { headers })
  } catch (error) {
    settle()
    throw error
  }
}

async function* chunksOf(archive: Readable, end: () => void, settle: () => void) {
  try {
    for await (const chunk of archive) {
      const timer = setTimeout(end, stalledMs).unref()
      yield chunk as Uint8Array
      clearTimeout(timer)
    }
  } finally {
    settle()
  }
}

/** The name of the file. A username has only letters, digits and `_.-`. */
export const archiveName = (username: string) => `${username}-${new Date().toISOString().slice(0, 10)}.zip`
