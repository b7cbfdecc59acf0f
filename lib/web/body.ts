import 'server-only'
import { IncomingMessage } from 'node:http'
import { Refusal } from '@/lib/errors'
import type { RouteRequest } from './node-request'

/** The most that any request may carry; the longest message in any spelling takes far less. */
const maxBodyBytes = 1024 * 1024

/**
 * The body, read no further than it may be long.
 * @throws {Refusal} 413 for a longer one
 */
export async function readBytes({ headers, body }: RouteRequest): Promise<Buffer<ArrayBuffer>> {
  if (Number(headers.get('content-length')) > maxBodyBytes) throw tooLong()
  return body ? readWhole(body) : Buffer.alloc(0)
}

const tooLong = () => new Refusal(413, 'That is too much at once: a request carries at most 1 MB.')

/**
 * The body as text.
 * @throws {Refusal} 413 for one that is too long, 400 for one that is not UTF-8
 */
export async function readBody(request: RouteRequest): Promise<string> {
  const bytes = await readBytes(request)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal(400, 'The body is not UTF-8 text.')
  }
}

/** Whether more may come than is read of any body: its length is not said, or is too long. */
export const isUnbounded = (request: IncomingMessage) =>
  'transfer-encoding' in request.headers || isTooLong(request)

const isTooLong = ({ headers }: IncomingMessage) => Number(headers['content-length']) > maxBodyBytes

/**
 * A request whose body has an end: itself, or, if its length is not said, a copy that holds the whole body. The
 * framework would read on without end, and keep 10 MB.
 * @throws {Refusal} 413 for a body that is too long
 */
export async function boundRequest(request: IncomingMessage): Promise<IncomingMessage> {
  if (isTooLong(request)) throw tooLong()
  if (!isUnbounded(request)) return request
  return withBody(request, await readWhole(request.iterator({ destroyOnReturn: false })))
}

/** The request again, with the body that was read from it. */
export function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = request
  const same = { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor }
  const copy = Object.assign(new IncomingMessage(request.socket), same, { complete: true })
  copy.push(body)
  copy.push(null)
  return copy
}

async function readWhole(body: AsyncIterable<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.byteLength
    if (length > maxBodyBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
