import 'server-only'
import { missing, Refusal } from '@/lib/errors'
import { isRoomName } from '@/lib/fields'
import { isMember } from '@/lib/memberships'
import { checkForm } from './form-guard'
import type { RouteRequest } from './node-request'
import { makeNonce } from './nonce'
import { realtimeAddress } from './realtime-address'
import { refusalPage } from './refusal-page'
import { readSessionCookie } from './session-cookie'

/**
 * Marks a request that has passed this gate in server.ts, so that proxy.ts doesn't do the same again. server.ts removes
 * it from clients' requests. On a platform a client can set it, and then gets pages without a policy and bare errors for
 * malformed forms; no other site can make a browser set it.
 */
export const admittedHeader = 'parley-admitted'
/** Names the room whose page is asked for: the frame around the page has no other way to know. */
export const roomHeader = 'parley-room'

/**
 * Runs before every page: refuses requests that no form of this site makes, and decides which scripts may run.
 * @param read reads the body, at most once
 * @returns headers for the framework's request, of which the policy is also the response's; or a page that refuses it
 * @throws {Refusal} 4xx for a request that no page of this site makes
 */
export async function admitPage(
  request: Pick<RouteRequest, 'method' | 'url' | 'headers'>,
  read: () => Promise<Buffer<ArrayBuffer>>,
) {
  const { headers } = request
  const path = decodePath(new URL(request.url).pathname)
  const form = await checkForm(request, read)
  const text = form?.get('body')
  // The page that follows the refused action would lose what the composer held.
  if (typeof text === 'string' && (await isMissing(path, headers)))
    return refusalPage(missing('conversation'), text)
  return {
    'content-security-policy': contentSecurityPolicy(headers),
    [roomHeader]: roomOf(path),
  }
}

/** @throws {Refusal} 400 for a path that is not UTF-8, which the framework would not even hand on */
export function decodePath(path: string) {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new Refusal(400, 'This address cannot be read.')
  }
}

function roomOf(path: string) {
  const [, name = ''] = /^\/room\/([^/]+)$/.exec(path) ?? []
  return isRoomName(name) ? name : ''
}

/** Whether the path is of a conversation that this person is not in. */
async function isMissing(path: string, headers: Headers) {
  const [, id] = /^\/c\/([^/]+)$/.exec(path) ?? []
  const cookie = id && (await readSessionCookie(headers))
  return Boolean(cookie && !(await isMember(cookie.userId, id)))
}

/** Scripts only with this response's nonce, which the framework takes from here. */
function contentSecurityPolicy(headers: Headers) {
  const nonce = makeNonce()
  const { origin } = new URL(realtimeAddress(headers).url)
  const isDev = process.env.NODE_ENV === 'development'
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ''}`,
    `style-src 'self'${isDev ? " 'unsafe-inline'" : ''}`,
    "img-src 'self' data:",
    `connect-src 'self' ${origin} ${origin.replace(/^http/, 'ws')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ')
}
