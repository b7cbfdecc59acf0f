import 'server-only'
import { env } from '@/lib/env'
import { changeLine } from '@/lib/known-changes'
import { logError } from '@/lib/log'
import { onAbort } from '@/lib/on-abort'
import { currentRequest } from '@/lib/request-context'
import type { StreamItem } from '@/lib/stream-reader'
import type { Message, StreamLine } from '@/lib/views'

/** A format in which streams are written. `write` returns an empty string for an item that the format leaves out. */
export type Format = {
  type: string
  write: (item: StreamItem) => string
  head?: string
  /** Written last if the stream ends because its time is over. */
  tail?: string
  /** Whether the body ends with the connection instead of with a last chunk. */
  endsWithConnection?: boolean
}

/** A stalled reader is cut off this long after the end of its stream. */
const graceMs = 2000
const timeIsOver = 'The time of this stream is over.'

// Lines begin with the username, because names are not unique.
const text: Format = {
  type: 'text/plain; charset=utf-8',
  write: (item) => {
    if (item.kind === 'quiet' || item.kind === 'expired') return ''
    if (item.kind === 'message') return indent(messageLine(item.message))
    if (item.kind !== 'changed') return indent(`* ${item.person.username} ${item.kind}`)
    const { message, changes } = item
    return changes.map((change) => indent(`* ${changeLine(change, message, timeOf(message))}`)).join('')
  },
}

const timeOf = ({ createdAt }: Message) => createdAt.slice(11, 16)

function messageLine(message: Message) {
  const { kind, sender, body, deletedAt } = message
  if (kind === 'notice') return `* ${body}`
  if (deletedAt) return `* ${changeLine({ what: 'deleted' }, message, timeOf(message))}`
  return `${timeOf(message)} ${sender.username}: ${body}`
}

/** Indents the further lines of a message, so that no line can be forged. */
const indent = (line: string) => `${line.replace(/[\n\u2028\u2029]/g, '\n    ')}\n`

const lines: Format = {
  type: 'application/x-ndjson; charset=utf-8',
  write: (item) => `${JSON.stringify(asLine(item))}\n`,
}

const events: Format = {
  type: 'text/event-stream; charset=utf-8',
  write: (item) => {
    if (item.kind === 'quiet') return ':\n\n'
    if ('person' in item) return `event: member.${item.kind}\ndata: ${JSON.stringify(item.person)}\n\n`
    const { seq, version } = item.at
    const [name, data] = eventOf(item)
    return `id: ${seq}.${version}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
  },
}

function eventOf(item: Extract<StreamItem, { at: unknown }>) {
  if (item.kind === 'message') return ['message.created', item.message]
  if (item.kind === 'changed') return ['message.changed', item.message]
  const { conversationId, firstSeq } = item
  return ['conversation.touched', { conversationId, firstSeq }]
}

function asLine(item: StreamItem): StreamLine {
  if (item.kind === 'quiet') return { type: 'quiet' }
  if (item.kind === 'expired') return { type: 'expired', firstSeq: item.firstSeq }
  return 'person' in item ? { type: item.kind, user: item.person } : { type: item.kind, ...item.message }
}

/** The format for an `Accept` header; plain text by default. */
export function formatFor(accept: string | null): Format {
  if (accept?.includes('application/x-ndjson')) return lines
  return accept?.includes('text/event-stream') ? events : text
}

/** A response that sends each item as it comes. When `life` is aborted it ends, even if its reader is stalled. */
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

/** Not by `Readable.toWeb`, which throws uncaught if the reader disconnects mid-chunk. */
export function streamOf(chunks: AsyncGenerator<string | Uint8Array>, life: AbortController) {
  const encoder = new TextEncoder()
  const response = currentRequest()?.response
  // Not awaited, because it waits for the current chunk.
  const stop = () => void chunks.return(undefined).catch((error) => logError('stream.end', error))
  let isOver = false
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const cutOff = () => {
        isOver = true
        stop()
        // Next.js logs any other error.
        controller.error(new DOMException('The reader has stopped reading.', 'AbortError'))
        // The error alone would wait until the reader has taken the current chunk.
        response?.destroy()
      }
      onAbort(life.signal, () => setTimeout(cutOff, graceMs).unref())
    },
    async pull(controller) {
      const { value, done } = await chunks.next()
      if (isOver) return
      if (done) controller.close()
      else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value)
    },
    cancel() {
      isOver = true
      life.abort()
      stop()
    },
  })
}

/**
 * The life of a stream: aborted when the reader disconnects, and after `seconds` or PARLEY_STREAM_SECONDS, whichever
 * is shorter.
 */
export function streamLife(request: Pick<Request, 'signal'>, seconds = Number.POSITIVE_INFINITY) {
  // Not by `AbortSignal.any`: Node.js 20 garbage-collects a timeout signal that only it references. The timer also
  // keeps the request, whose signal would be collected with it.
  const life = new AbortController()
  const end = () => life.abort()
  const lifeMs = Math.min(seconds, env().PARLEY_STREAM_SECONDS) * 1000
  const timer = setTimeout(() => life.abort(timeIsOver), lifeMs).unref()
  onAbort(life.signal, () => {
    clearTimeout(timer)
    request.signal.removeEventListener('abort', end)
  })
  onAbort(request.signal, end)
  // The answer to HEAD has no body, so the reader's end does not abort the request.
  currentRequest()?.response?.once('close', end)
  return life
}
