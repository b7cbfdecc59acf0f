import 'server-only'
import { IncomingMessage } from 'node:http'
import { Refusal } from '@/lib/errors'
import type { RouteRequest } from './node-request'

/** The limit for any request. The longest message takes far less in any encoding. */
const maxBodyBytes = 1024 * 1024

/**
 * Reads the body, but never beyond the limit.
 * @throws {Refusal} 413 for a longer one
 */
export async function readBytes({ headers, body }: RouteRequest): Promise<Buffer<ArrayBuffer>> {
  if (Number(headers.get('content-length')) > maxBodyBytes) throw tooLong()
  return body ? readWhole(body) : Buffer.alloc(0)
}

const tooLong = () => new Refusal(413, 'This is too large: a request may have at most 1 MB.')

/**
 * Reads the body as text.
 * @throws {Refusal} 413 if it is too long, 400 if it is not UTF-8
 */
export async function readBody(request: RouteRequest): Promise<string> {
  const bytes = await readBytes(request)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal(400, 'The body is not UTF-8 text.')
  }
}

/** Whether the body may exceed the limit: its length is unknown or too long. */
export const isUnbounded = (request: IncomingMessage) =>
  'transfer-encoding' in request.headers || isTooLong(request)

const isTooLong = ({ headers }: IncomingMessage) => Number(headers['content-length']) > maxBodyBytes

/**
 * Limits the body of a request for Next.js, which would read it without a limit and keep 10 MB: returns the request
 * itself, or, if the length is unknown, a copy with the whole body.
 * @throws {Refusal} 413 for a body that is too long
 */
export async function boundRequest(request: IncomingMessage): Promise<IncomingMessage> {
  if (isTooLong(request)) throw tooLong()
  if (!isUnbounded(request)) return request
  return withBody(request, await readWhole(request.iterator({ destroyOnReturn: false })))
}

/** A copy of the request with the body that was read from it. */
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
