import { type NextRequest, NextResponse } from 'next/server'
import { asRefusal, missing, Refusal } from '@/lib/errors'
import { isRoomName } from '@/lib/fields'
import { isMember } from '@/lib/memberships'
import { problem } from '@/lib/web/api'
import { checkForm, isDataPath } from '@/lib/web/form-guard'
import { makeNonce } from '@/lib/web/nonce'
import { realtimeAddress } from '@/lib/web/realtime-address'
import { refusalPage } from '@/lib/web/refusal-page'
import { readSessionCookie } from '@/lib/web/session-cookie'

export const config = {
  // Pages. The API answers for itself, and files that are the same for everyone need none of this; but a
  // path that is no UTF-8 the framework would not even hand on.
  matcher: ['/((?!api(?:/|$)|_next/static/|icon\\.svg$|favicon\\.ico$).*)', '/api/(.*%.*)'],
}

/** Stands before every page: refuses what is no form of ours, hides what is not the reader's to see, and says which scripts may run. */
export async function proxy(request: NextRequest) {
  const isApi = request.nextUrl.pathname.startsWith('/api/')
  try {
    decodePath(request.nextUrl.pathname)
    if (isApi) return NextResponse.next()
    return await showPage(request, await checkForm(request))
  } catch (error) {
    const refusal = asRefusal(error)
    if (!refusal) throw error
    return isApi ? problem(refusal.status, refusal.message) : refusalPage(refusal)
  }
}

function decodePath(path: string) {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new Refusal(400, 'This address cannot be read.')
  }
}

async function showPage(request: NextRequest, form?: FormData) {
  const policy = contentSecurityPolicy(request.headers)
  const headers = new Headers(request.headers)
  headers.set('content-security-policy', policy)
  const isMissing = await isHidden(request)
  // What the composer held is not to be lost.
  const text = isMissing && form?.get('body')
  if (typeof text === 'string') return refusalPage(missing('conversation'), text)
  const response = isMissing
    ? // A page can answer 404 only with an empty body where there is no JavaScript; a path without a page can do better.
      NextResponse.rewrite(new URL('/there-is-nothing-here', request.url), { request: { headers } })
    : NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
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

/** Whether the path is a conversation's that this reader is not in, or can be no room's. */
async function isHidden(request: NextRequest) {
  const path = decodePath(request.nextUrl.pathname)
  const [, kind, name = ''] = /^\/(c|room)\/([^/]+)/.exec(path) ?? []
  if (kind === 'room') return !isRoomName(name)
  if (isDataPath(path)) return false
  const cookie = kind && (await readSessionCookie(request.headers))
  return Boolean(cookie && !(await isMember(cookie.userId, name)))
}
