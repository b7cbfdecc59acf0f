import 'server-only'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { isUnbounded } from './body'

const compress = promisify(gzip)
/** Smaller answers fit in one packet uncompressed. */
const compressFrom = 1024
/** How long a connection with an unread body stays open. Closed at once, it would be reset, and the answer lost. */
const lingerMs = 1000

/** Sends a route's answer with Node.js' response. */
export async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Response) {
  response.statusCode = answer.status
  response.setHeader('cache-control', 'no-store')
  response.setHeaders(answer.headers)
  if (!answer.body) return end(request, response)
  if (request.method === 'HEAD') {
    await answer.body.cancel()
    return end(request, response)
  }
  // Only streams have this header, which tells proxies not to buffer.
  if (answer.headers.get('x-accel-buffering') === 'no') {
    // A stream may have nothing to send at first.
    response.flushHeaders()
    return pipeline(Readable.fromWeb(answer.body as never), response)
  }
  return end(request, response, await encode(request, response, Buffer.from(await answer.arrayBuffer())))
}

async function encode({ headers }: IncomingMessage, response: ServerResponse, body: Uint8Array) {
  if (body.length < compressFrom) return body
  response.setHeader('vary', 'accept-encoding')
  if (!/\bgzip\b(?!;q=0)/.test(String(headers['accept-encoding']))) return body
  response.setHeader('content-encoding', 'gzip')
  return compress(body)
}

async function end(request: IncomingMessage, response: ServerResponse, body: Uint8Array = Buffer.alloc(0)) {
  const { statusCode } = response
  if (statusCode !== 204 && request.method !== 'HEAD') response.setHeader('content-length', body.length)
  if (request.complete || !isUnbounded(request)) return void response.end(body)
  // The rest of the request's body is not read.
  response.setHeader('connection', 'close')
  response.write(body)
  const timer = setTimeout(() => response.end(), lingerMs)
  await once(response, 'close')
  clearTimeout(timer)
}
