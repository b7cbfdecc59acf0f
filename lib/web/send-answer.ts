import 'server-only'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isUnbounded } from './body'

/** So long a connection with an unread body stays open: closed at once it is reset, and the answer lost with it. */
const lingerMs = 1000

/** Sends an answer by Node.js's own response. */
export async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Response) {
  const body = Buffer.from(await answer.arrayBuffer())
  const isCut = !request.complete && isUnbounded(request)
  response.statusCode = answer.status
  response.setHeaders(answer.headers)
  if (answer.body) response.setHeader('content-length', body.length)
  if (!isCut) return void response.end(body)
  // The rest of the request is not read.
  response.setHeader('connection', 'close')
  response.write(body)
  const timer = setTimeout(() => response.end(), lingerMs)
  await once(response, 'close')
  clearTimeout(timer)
}
