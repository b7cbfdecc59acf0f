import 'server-only'
import { STATUS_CODES } from 'node:http'
import type { CurrentUser } from '@/lib/current-user'
import { asRefusal, Refusal } from '@/lib/errors'
import { logError } from '@/lib/log'
import { findByToken } from '@/lib/login-sessions'
import { published } from '@/lib/realtime/publish'
import { currentRequest } from '@/lib/request-context'
import { readBody } from './body'
import type { RouteRequest } from './node-request'
import { originOf } from './origin'
import { requireSameOrigin } from './same-origin'
import { userOf } from './session-cookie'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
type Method = (typeof methods)[number]
export type Call = {
  request: RouteRequest
  /** The values of `[id]`, `[name]` and so on in the path, empty if it has none. */
  params: Params
  /** The query's values that are not empty. */
  query: Record<string, string>
  /** The body as text, as JSON, or as a form (as JSON if its content type says so). */
  text: () => Promise<string>
  json: () => Promise<unknown>
  form: () => Promise<unknown>
}
type Params = Record<'id' | 'name' | 'seq' | 'emoji' | 'userId', string>
type Handler = (call: Call) => Promise<Response> | Response
type UserHandler = (user: CurrentUser, call: Call) => Promise<Response> | Response
type Route = (request: RouteRequest, context: { params: Promise<object> }) => Promise<Response>
export type Handlers = Record<Method, Route>

/** The handlers of a path. Other methods are refused, and every error is answered with a problem document. */
export function api(handlers: Partial<Record<Method, Handler>>) {
  const allow = Object.keys(handlers).join(', ')
  const refuse: Handler = ({ request }) =>
    problem(405, `This path takes ${allow || 'no method'}, not ${request.method}.`, {}, { allow })
  return Object.fromEntries(methods.map((name) => [name, route(handlers[name] ?? refuse)])) as Handlers
}

/** For requests with a login session's token. */
export const signedInByToken =
  (handler: UserHandler): Handler =>
  async (call) =>
    handler(await requireToken(call.request), call)

/** Accepts a browser's cookie too, because its socket has no other way to authorize itself. */
export const signedInByTokenOrCookie =
  (handler: UserHandler): Handler =>
  async (call) => {
    const { headers } = call.request
    const user = headers.has('authorization') ? undefined : await userOf(headers)
    // Browsers add the cookie to another site's requests too, but never a token.
    if (user) requireSameOrigin(headers)
    return handler(user ?? (await requireToken(call.request)), call)
  }

/** For requests of a page's own script or frame, with its browser's cookie. */
export const signedInByCookie =
  (handler: UserHandler): Handler =>
  async (call) => {
    requireSameOriginToWrite(call.request)
    const user = await userOf(call.request.headers)
    if (!user) throw new Refusal(401, 'Your login session has ended.')
    return handler(user, call)
  }

/**
 * For data that a page's own script sends for the person whose page it is. If they are signed out, or somebody else has
 * logged in in another tab, the answer is `{isSignedOut: true}`.
 */
export const sentByPage =
  (handler: UserHandler): Handler =>
  async (call) => {
    const { headers } = call.request
    requireSameOriginToWrite(call.request)
    // Another site's page cannot set this header.
    const owner = headers.get('parley-user')
    if (!owner) throw new Refusal(400, 'Only pages of this site may use this path.')
    const user = await userOf(headers)
    return user?.id === owner ? handler(user, call) : Response.json({ isSignedOut: true })
  }

/**
 * Refuses what another site's page sends. Its reads need no check, because browsers don't show it the answers.
 * @throws {Refusal} 403
 */
function requireSameOriginToWrite({ method, headers }: RouteRequest) {
  const isRead = method === 'GET' || method === 'HEAD'
  if (!isRead) requireSameOrigin(headers)
}

export const noContent = () => new Response(null, { status: 204 })

/** The request's token, empty if it has none. */
export function bearerToken(request: RouteRequest) {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
  return token
}

async function requireToken(request: RouteRequest) {
  const token = bearerToken(request)
  const user = token && (await findByToken(token, originOf(request.headers).address))
  if (!user) throw new Refusal(401, 'Send a valid token: “Authorization: Bearer <token>”.')
  return user
}

const route =
  (handler: Handler): Route =>
  async (request, context) => {
    const params = { id: '', name: '', seq: '', emoji: '', userId: '', ...(await context.params) }
    const query = Object.fromEntries(
      [...new URL(request.url).searchParams].filter(([, value]) => value !== ''),
    )
    const text = () => readBody(request)
    const json = async () => parseJson(await text())
    const isJson = request.headers.get('content-type')?.includes('json')
    const form = isJson ? json : async () => Object.fromEntries(new URLSearchParams(await text()))
    try {
      return await handler({ request, params, query, text, json, form })
    } catch (error) {
      return explain(error, request)
    } finally {
      if (!currentRequest()) await publishAfterAnswer()
    }
  }

/** A platform, unlike our own server, may freeze the process with its answer. */
async function publishAfterAnswer() {
  const { after } = await import('next/server')
  after(published)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'The body is not JSON.')
  }
}

function explain(error: unknown, request: RouteRequest) {
  const refusal = asRefusal(error)
  // Logged too if the database took too long, because the operator should know of it.
  if (refusal !== error && !request.signal.aborted) logError('api', error)
  if (refusal) {
    const { status, message, errors, details, retryAfter } = refusal
    return problem(
      status,
      message,
      { errors, ...details },
      {
        ...(status === 401 && { 'www-authenticate': 'Bearer' }),
        ...(retryAfter && { 'retry-after': String(retryAfter) }),
      },
    )
  }
  return problem(500, 'Something went wrong here. Try again in a moment.')
}

/** A problem document (RFC 9457): `title` names the status, `detail` is the sentence for people. */
export function problem(
  status: number,
  detail: string,
  members: object = {},
  headers?: Record<string, string>,
) {
  const body = JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail,
    ...members,
  })
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json', ...headers } })
}
