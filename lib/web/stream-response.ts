import 'server-only'
import { env } from '@/lib/env'
import { logError } from '@/lib/log'
import { currentRequest } from '@/lib/request-context'
import { onAbort, type StreamItem } from '@/lib/streams'

/** How a stream is written. What an item has nothing to say for is the empty text. */
export type Format = {
  type: string
  write: (item: StreamItem) => string
  head?: string
  /** Written last, if the stream ends because its time is over. */
  tail?: string
  /** Whether the end of the connection is the end of the body, in place of the last of its chunks. */
  endsWithConnection?: boolean
}

/** A reader who reads has the rest of an ended stream by then; another one is cut off. */
const graceMs = 2000
const timeIsOver = 'The time of this stream is over.'

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

/** A response that grows by each item as it comes. When `life` is aborted it ends, even if its reader has stopped reading. */
export function streamResponse(items: AsyncIterable<StreamItem>, format: Format, life: AbortController) {
  const { type, write, head = '', tail = '' } = format
  async function* chunks() {
    if (head) yield head
    for await (const item of items) {
      const chunk = write(item)
      if (chunk) yield chunk
    }
    if (tail && life.signal.reason === timeIsOver) yield tail
  }
  if (format.endsWithConnection) endWithConnection()
  const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
  return new Response(streamOf(chunks(), life), { headers })
}

function endWithConnection() {
  const response = currentRequest()?.response
  response?.setHeader('connection', 'close')
  response?.removeHeader('transfer-encoding')
}

/** Not by `Readable.toWeb`, which throws uncaught if the reader disconnects while a chunk is on its way. */
function streamOf(chunks: AsyncGenerator<string>, life: AbortController) {
  const encoder = new TextEncoder()
  const response = currentRequest()?.response
  // Takes effect once the chunk on its way is there: nobody waits for that.
  const stop = () => void chunks.return(undefined).catch((error) => logError('stream.end', error))
  let isOver = false
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const cutOff = () => {
        isOver = true
        stop()
        // Next.js logs any other error.
        controller.error(new DOMException('The reader has stopped reading.', 'AbortError'))
        // An error alone would wait for the reader too: for the chunk that is being written.
        response?.destroy()
      }
      onAbort(life.signal, () => setTimeout(cutOff, graceMs).unref())
    },
    async pull(controller) {
      const { value, done } = await chunks.next()
      if (isOver) return
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel() {
      isOver = true
      life.abort()
      stop()
    },
  })
}

/** The life of a stream: aborted when the reader leaves, and after `seconds` or the longest that a stream may live here. */
export function streamLife(request: Pick<Request, 'signal'>, seconds = Number.POSITIVE_INFINITY) {
  // Not by `AbortSignal.any`: in Node.js 20 the garbage collector takes a timeout that only it holds.
  // The timer holds the request too, whose signal goes with it.
  const life = new AbortController()
  const end = () => life.abort()
  const lifeMs = Math.min(seconds, env().PARLEY_STREAM_SECONDS) * 1000
  const timer = setTimeout(() => life.abort(timeIsOver), lifeMs).unref()
  onAbort(life.signal, () => {
    clearTimeout(timer)
    request.signal.removeEventListener('abort', end)
  })
  onAbort(request.signal, end)
  // The answer to HEAD has no body, and its end does not abort the request.
  currentRequest()?.response?.once('close', end)
  return life
}
