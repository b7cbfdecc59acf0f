import 'server-only'
import { env } from '@/lib/env'
import { logError } from '@/lib/log'
import type { StreamItem } from '@/lib/streams'

/** How a stream is written. What an item has nothing to say for is the empty text. */
export type Format = { type: string; write: (item: StreamItem) => string; head?: string }

// Names are not unique: a line of text begins with the username.
const text: Format = {
  type: 'text/plain; charset=utf-8',
  write: (item) => {
    if (item.kind === 'quiet') return ''
    if (item.kind !== 'message') return setIn(`* ${item.person.username} ${item.kind}`)
    const { createdAt, sender, body } = item.message
    return setIn(`${createdAt.slice(11, 16)} ${sender.username}: ${body}`)
  },
}

/** Indents the further lines of a message, so that none can pass for somebody else's. */
const setIn = (line: string) => `${line.replace(/[\n\u2028\u2029]/g, '\n    ')}\n`

const lines: Format = {
  type: 'application/x-ndjson; charset=utf-8',
  write: (item) => `${JSON.stringify(item.kind === 'quiet' ? { type: 'quiet' } : asData(item))}\n`,
}

const events: Format = {
  type: 'text/event-stream; charset=utf-8',
  write: (item) => {
    if (item.kind === 'quiet') return ':\n\n'
    if (item.kind !== 'message') return `event: member.${item.kind}\ndata: ${JSON.stringify(item.person)}\n\n`
    const { message } = item
    return `id: ${message.seq}\nevent: message.created\ndata: ${JSON.stringify(message)}\n\n`
  },
}

const asData = (item: Exclude<StreamItem, { kind: 'quiet' }>) =>
  item.kind === 'message' ? { type: 'message', ...item.message } : { type: item.kind, user: item.person }

/** The form that the `Accept` header asks for; text to read where it asks for none of the others. */
export function formatFor(accept: string | null): Format {
  if (accept?.includes('application/x-ndjson')) return lines
  return accept?.includes('text/event-stream') ? events : text
}

/** A response that grows by each item as it comes. */
export function streamResponse(items: AsyncIterable<StreamItem>, { type, write, head = '' }: Format) {
  async function* chunks() {
    if (head) yield head
    for await (const item of items) {
      const chunk = write(item)
      if (chunk) yield chunk
    }
  }
  const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
  return new Response(streamOf(chunks()), { headers })
}

/** Not by `Readable.toWeb`, which throws at nobody where a reader leaves while a chunk is on its way. */
function streamOf(chunks: AsyncGenerator<string>) {
  const encoder = new TextEncoder()
  let isLeft = false
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await chunks.next()
      if (isLeft) return
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel() {
      isLeft = true
      // Takes effect once the chunk on its way is there: nobody waits for that.
      chunks.return(undefined).catch((error) => logError('stream.end', error))
    },
  })
}

/** Ends when the reader leaves, and after `seconds`, or what a stream may live here at the longest. */
export function streamSignal(request: Request, seconds = Number.POSITIVE_INFINITY) {
  // Not by `AbortSignal.any`: in Node.js 20 the garbage collector takes a timeout that only it holds.
  // The timer holds the request too, whose signal goes with it.
  const controller = new AbortController()
  const end = () => {
    clearTimeout(timer)
    request.signal.removeEventListener('abort', end)
    controller.abort()
  }
  const timer = setTimeout(end, Math.min(seconds, env().PARLEY_STREAM_SECONDS) * 1000).unref()
  if (request.signal.aborted) end()
  else request.signal.addEventListener('abort', end)
  return controller.signal
}
