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
 * Removes forwarded headers unless a trusted proxy sets them, because the site and Next.js rely on them. If the site's
 * address is https, every request counts as https.
 */
export function settleOrigin(
  { headers, socket }: IncomingMessage,
  { trustProxy, isHttps }: { trustProxy: boolean; isHttps: boolean },
) {
  if (!trustProxy) for (const name of forwarded) delete headers[name]
  if (isHttps) headers['x-forwarded-proto'] = 'https'
  headers['x-forwarded-for'] ??= socket.remoteAddress
}

/** Sets the headers of every response. @returns the context for `withRequest` */
export function beginResponse({ headers }: IncomingMessage, response: ServerResponse): RequestContext {
  const isHttps = headers['x-forwarded-proto'] === 'https'
  for (const [name, value] of Object.entries(everywhere)) response.setHeader(name, value)
  if (isHttps) for (const [name, value] of Object.entries(overHttps)) response.setHeader(name, value)
  const id = idOf(headers)
  response.setHeader('x-request-id', id)
  return { id, response }
}

/** The proxy's id if there is one, so that its log and the site's can be read together. */
function idOf(headers: IncomingMessage['headers']) {
  const given = String(headers['x-request-id'] ?? '')
  return /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
}

/**
 * Logs and counts the request when it is answered. Leaves out tokens, and the query, because it may contain what
 * somebody searched for.
 */
export function logWhenAnswered(context: RequestContext, request: IncomingMessage, response: ServerResponse) {
  const began = performance.now()
  const { method = '' } = request
  const path = pathOf(request)
  const address = lastAddress(request.headers['x-forwarded-for']?.toString())
  const { id } = context
  // Next.js uses up the default maximum. This listener and a stream's come on top.
  response.setMaxListeners(response.getMaxListeners() + 2)
  response.once('close', () => {
    // A database connection opened during the request holds the context, and must not keep the response in memory.
    context.response = undefined
    const ms = Math.round((performance.now() - began) * 10) / 10
    const status = response.headersSent ? response.statusCode : clientLeft
    // The client hung up before the end, which is normal for a stream.
    const left = !response.writableFinished || undefined
    // The development server logs requests itself.
    if (process.env.NODE_ENV === 'production')
      logInfo('request', { id, method, path: withoutTokens(path).slice(0, 200), status, ms, address, left })
    countRequest({ method: knownMethod(method), route: routeOf(path).route, status, seconds: ms / 1000 })
  })
}

/** The tokens of links (lib/tokens.ts) are secrets. */
export const withoutTokens = (path: string) => path.replace(/[\w-]{43,}/g, '…')

export const pathOf = ({ url = '' }: IncomingMessage) => url.split('?', 1)[0] ?? ''

/** nginx's status for a client that hung up before the answer. */
const clientLeft = 499

/** Clients can send any method, but the number of labels must stay small. */
const knownMethod = (method: string) =>
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].includes(method) ? method : 'other'
