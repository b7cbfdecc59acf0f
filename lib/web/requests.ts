import 'server-only'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { logInfo } from '@/lib/log'
import { countRequest } from '@/lib/metrics'
import type { RequestContext } from '@/lib/request-context'
import { everywhere, overHttps } from './headers.mjs'
import { lastAddress } from './origin'
import { routeOf } from './routes'

const forwarded = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'forwarded',
  'x-request-id',
]

/**
 * Leaves only a trusted proxy's word for where a request comes from: the site and the framework believe these headers.
 * Where the site's own address is known to be https, so is every request.
 */
export function settleOrigin(
  { headers, socket }: IncomingMessage,
  { trustProxy, isHttps }: { trustProxy: boolean; isHttps: boolean },
) {
  if (!trustProxy) for (const name of forwarded) delete headers[name]
  if (isHttps) headers['x-forwarded-proto'] = 'https'
  headers['x-forwarded-for'] ??= socket.remoteAddress
}

/** Sets the headers that every response has. @returns the request's id and response, for what is logged meanwhile */
export function beginResponse({ headers }: IncomingMessage, response: ServerResponse): RequestContext {
  const isHttps = headers['x-forwarded-proto'] === 'https'
  for (const [name, value] of Object.entries(everywhere)) response.setHeader(name, value)
  if (isHttps) for (const [name, value] of Object.entries(overHttps)) response.setHeader(name, value)
  const id = idOf(headers)
  response.setHeader('x-request-id', id)
  return { id, response }
}

/** The proxy's own, so that its log and ours can be read together. */
function idOf(headers: IncomingMessage['headers']) {
  const given = String(headers['x-request-id'] ?? '')
  return /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
}

/** Logs and counts the request when it is answered; without the query, which may hold what somebody searched for. */
export function logWhenAnswered(context: RequestContext, request: IncomingMessage, response: ServerResponse) {
  const began = performance.now()
  const { method = '' } = request
  const path = pathOf(request)
  const address = lastAddress(request.headers['x-forwarded-for']?.toString())
  const { id } = context
  // The framework has as many listeners as there may be without a warning; this one and a stream's are added.
  response.setMaxListeners(response.getMaxListeners() + 2)
  response.once('close', () => {
    // A database connection that was opened during the request keeps the context, and must not keep the response.
    context.response = undefined
    const ms = Math.round((performance.now() - began) * 10) / 10
    const status = response.headersSent ? response.statusCode : clientLeft
    // Before the end of the answer: of a stream that is as good as any other.
    const left = !response.writableFinished || undefined
    // The development server says it in its own way.
    if (process.env.NODE_ENV === 'production')
      logInfo('request', { id, method, path: path.slice(0, 200), status, ms, address, left })
    countRequest({ method: knownMethod(method), route: routeOf(path).route, status, seconds: ms / 1000 })
  })
}

export const pathOf = ({ url = '' }: IncomingMessage) => url.split('?', 1)[0] ?? ''

/** Before there was an answer; nginx's word for it. */
const clientLeft = 499

/** Labels are few: anyone can send any method. */
const knownMethod = (method: string) =>
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].includes(method) ? method : 'other'
