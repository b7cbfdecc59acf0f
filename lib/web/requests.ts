import 'server-only'
import { randomUUID } from 'node:crypto'
import { type IncomingMessage, Server, type ServerResponse } from 'node:http'
import { logInfo } from '@/lib/log'
import { countRequest } from '@/lib/metrics'
import { type RequestContext, withRequest } from '@/lib/request-context'
import { cutLongBody } from './body'
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
 * Stands before all that the framework does, which has no place of its own for it: gives every request an
 * id, logs and counts it when it is answered, ends it where it is too long, and takes from it what only a trusted
 * proxy may say. Where the site's own address is known to be https, so is every request.
 */
export function watchRequests({ trustProxy, isHttps }: { trustProxy: boolean; isHttps: boolean }) {
  const emit: (event: string, ...rest: unknown[]) => boolean = Server.prototype.emit
  Server.prototype.emit = function (this: Server, event: string, ...rest: unknown[]) {
    if (event !== 'request') return emit.call(this, event, ...rest)
    const [request, response] = rest as [IncomingMessage, ServerResponse]
    // The framework believes these from anyone.
    if (!trustProxy) for (const name of forwarded) delete request.headers[name]
    if (isHttps) request.headers['x-forwarded-proto'] = 'https'
    setHeaders(request, response)
    const id = idOf(request)
    response.setHeader('x-request-id', id)
    const context: RequestContext = { id, response }
    logWhenAnswered(context, request, response)
    cutLongBody(request, response)
    return withRequest(context, () => emit.call(this, event, ...rest))
  }
}

function setHeaders({ headers }: IncomingMessage, response: ServerResponse) {
  const all = headers['x-forwarded-proto'] === 'https' ? { ...everywhere, ...overHttps } : everywhere
  for (const [name, value] of Object.entries(all)) response.setHeader(name, value)
}

/** The proxy's own, so that its log and ours can be read together. */
function idOf({ headers }: IncomingMessage) {
  const given = String(headers['x-request-id'] ?? '')
  return /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
}

/** Without the query, which may hold what somebody searched for. */
function logWhenAnswered(context: RequestContext, request: IncomingMessage, response: ServerResponse) {
  const began = performance.now()
  const { method = '' } = request
  const path = request.url?.split('?')[0]?.slice(0, 200) ?? ''
  const address = lastAddress(request.headers['x-forwarded-for']?.toString()) ?? request.socket.remoteAddress
  const { id } = context
  // Next.js has as many listeners as there may be without a warning; this one and a stream's are added.
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
      logInfo('request', { id, method, path, status, ms, address, left })
    countRequest({ method: knownMethod(method), route: routeOf(path), status, seconds: ms / 1000 })
  })
}

/** Before there was an answer; nginx's word for it. */
const clientLeft = 499

/** Labels are few: anyone can send any method. */
const knownMethod = (method: string) =>
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].includes(method) ? method : 'other'
