import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '@/lib/errors'

/** The most that any request may carry; the longest message in any spelling takes far less. */
const maxBodyBytes = 1024 * 1024

/**
 * The body, read no further than it may be long.
 * @throws {Refusal} 413 for a longer one
 */
export async function readBytes(request: Request): Promise<Buffer<ArrayBuffer>> {
  const tooLong = new Refusal(413, 'That is too much at once: a request carries at most 1 MB.')
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLong
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > maxBodyBytes) throw tooLong
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * The body as text.
 * @throws {Refusal} 413 for one that is too long, 400 for one that is not UTF-8
 */
export async function readBody(request: Request): Promise<string> {
  const bytes = await readBytes(request)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal(400, 'The body is not UTF-8 text.')
  }
}

/** So long a connection whose body was cut stays open: closed at once, the answer would be lost with it. */
const lingerMs = 1000

/**
 * Ends the request's body where it becomes too long, for whoever reads it. The rest is not read: the connection
 * closes when the answer is out. The framework would read all of it, and keep 10 MB.
 */
export function cutLongBody(request: IncomingMessage, response: ServerResponse) {
  const push = request.push.bind(request)
  let length = 0
  if (Number(request.headers['content-length']) > maxBodyBytes) closeAfter(response)
  const pushBounded = (chunk: Buffer | null) => {
    if (length > maxBodyBytes) return false
    length += chunk?.length ?? 0
    const isWanted = push(chunk)
    if (length <= maxBodyBytes) return isWanted
    closeAfter(response)
    // As if all of it had come: else its end would close the connection before the answer.
    request.complete = true
    return push(null)
  }
  // For good: the framework puts another stream's methods over the request's.
  Object.defineProperty(request, 'push', { get: () => pushBounded, set: () => {} })
}

function closeAfter(response: ServerResponse) {
  const { socket } = response
  if (!socket) return
  const close = () => {
    socket.end()
    setTimeout(() => socket.destroy(), lingerMs).unref()
  }
  // What is called when the last answer of a connection is out.
  socket.destroySoon = close
  response.shouldKeepAlive = false
  if (response.writableFinished) close()
}
