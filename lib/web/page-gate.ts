import 'server-only'
import { missing, Refusal } from '@/lib/errors'
import { isListCursor, isRoomName } from '@/lib/fields'
import { isMember } from '@/lib/memberships'
import { contentSecurityPolicy } from './content-security-policy'
import { checkForm } from './form-guard'
import type { RouteRequest } from './node-request'
import { refusalPage } from './refusal-page'
import { readSessionCookie } from './session-cookie'

/**
 * Marks a request that server.ts has admitted, so that proxy.ts doesn't admit it again. server.ts removes the header
 * from clients' requests. On a platform a client can set it, and then gets pages without a policy and bare errors for
 * malformed forms, but no other site can make a browser set it.
 */
export const admittedHeader = 'parley-admitted'
/** The name of the requested room: a layout cannot read its page's path in any other way. */
export const roomHeader = 'parley-room'
/** The place in the list of conversations where the page's list starts, for the same reason. */
export const listHeader = 'parley-list'

/**
 * Runs before every page: refuses requests that no page of this site sends, and sets the content security policy.
 * @param read reads the body, at most once
 * @returns headers to add to the request for Next.js (the policy also goes into the response), or a page with a refusal
 * @throws {Refusal} 4xx for a request that no page of this site sends
 */
export async function admitPage(
  request: Pick<RouteRequest, 'method' | 'url' | 'headers'>,
  read: () => Promise<Buffer<ArrayBuffer>>,
) {
  const { headers } = request
  const { pathname, searchParams } = new URL(request.url)
  const path = decodePath(pathname)
  const form = await checkForm(request, read)
  const text = form?.get('body')
  // Next.js would render a 404 page after the action, and the composer's text would be lost.
  if (typeof text === 'string' && (await isMissingConversation(path, headers)))
    return refusalPage(missing('conversation'), text)
  return {
    'content-security-policy': contentSecurityPolicy(headers),
    [roomHeader]: roomOf(path),
    [listHeader]: cursorIn(searchParams),
  }
}

/** @throws {Refusal} 400 for a path that is not UTF-8, which Next.js would answer with a bare error */
export function decodePath(path: string) {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new Refusal(400, 'This address cannot be read.')
  }
}

function roomOf(path: string) {
  const [, name = ''] = /^\/room\/([^/]+)(\/m\/.*)?$/.exec(path) ?? []
  return isRoomName(name) ? name : ''
}

function cursorIn(query: URLSearchParams) {
  const cursor = query.get('conversations') ?? ''
  return isListCursor(cursor) ? cursor : ''
}

/** Whether the path is that of a form in a conversation that the signed-in person is not in. */
async function isMissingConversation(path: string, headers: Headers) {
  const [, id] = /^\/c\/([^/]+)(\/m\/[^/]+\/edit)?$/.exec(path) ?? []
  const cookie = id && (await readSessionCookie(headers))
  return Boolean(cookie && !(await isMember(cookie.userId, id)))
}
