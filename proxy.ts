import { type NextRequest, NextResponse } from 'next/server'
import { isMember } from '@/lib/memberships'
import { readSessionCookie } from '@/lib/web/current-user'
import { realtimeAddress } from '@/lib/web/realtime-address'

export const config = {
  // Pages: the API, and files that are the same for everyone, need none of this.
  matcher: '/((?!api/|_next/|icon.svg).*)',
}

/** Stands before every page: gives it its content security policy, and hides what is not the reader's to see. */
export async function proxy(request: NextRequest) {
  const policy = contentSecurityPolicy(request.headers)
  const headers = new Headers(request.headers)
  headers.set('content-security-policy', policy)
  const response = (await isHidden(request))
    ? // A page can answer 404 only with an empty body where there is no JavaScript; a path without a page can do better.
      NextResponse.rewrite(new URL('/there-is-nothing-here', request.url), { request: { headers } })
    : NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

/** Scripts only with this response's nonce, which the framework takes from here. */
function contentSecurityPolicy(headers: Headers) {
  const nonce = Buffer.from(crypto.randomUUID()).toString('base64')
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

/** Whether the path is a conversation's that this reader is not in. */
async function isHidden(request: NextRequest) {
  const [, id] = /^\/c\/([^/]+)/.exec(request.nextUrl.pathname) ?? []
  const cookie = id && (await readSessionCookie(request.headers))
  return Boolean(id && cookie && !(await isMember(cookie.userId, id)))
}
