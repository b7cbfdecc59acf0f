import 'server-only'
import { createHash } from 'node:crypto'
import { decode } from 'next-auth/jwt'
import { processState } from '@/db/process-state'
import { env } from '@/lib/env'
import { findByLoginSession } from '@/lib/login-sessions'
import { sessionCookieName } from './cookies'
import { originOf } from './origin'

type SessionCookie = { userId: string; loginSessionId: string }

/** The signed-in person who sent the request, if any. */
export async function userOf(headers: Headers) {
  const cookie = await readSessionCookie(headers)
  return cookie ? findByLoginSession(cookie.loginSessionId, originOf(headers).address) : undefined
}

/** Decrypts the session cookie. The login session may have ended: only its row proves that it has not. */
export async function readSessionCookie(headers: Headers): Promise<SessionCookie | undefined> {
  const name = sessionCookieName(headers)
  const value = cookieNamed(name, headers.get('cookie') ?? '')
  if (!value) return undefined
  const key = createHash('sha256').update(`${name}=${value}`).digest('base64')
  const known = opened.get(key)
  if (known && known.expires > Date.now()) return known.cookie
  return open(name, value, key)
}

function cookieNamed(name: string, cookies: string) {
  const pair = cookies.split('; ').find((one) => one.startsWith(`${name}=`))
  return pair?.slice(name.length + 1)
}

// Decrypting a cookie takes much longer than the rest of finding the user.
const maxOpened = 10_000
const opened = processState('cookies', () => new Map<string, { cookie: SessionCookie; expires: number }>())

async function open(name: string, value: string, key: string) {
  // It throws if the cookie is not ours.
  const token = await decode({ token: value, secret: env().AUTH_SECRET, salt: name }).catch(() => null)
  if (!token?.exp) return undefined
  const cookie = { userId: String(token.sub), loginSessionId: String(token.loginSessionId) }
  const [oldest] = opened.size < maxOpened ? [] : opened.keys()
  if (oldest !== undefined) opened.delete(oldest)
  opened.set(key, { cookie, expires: token.exp * 1000 })
  return cookie
}
