import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { getToken } from 'next-auth/jwt'
import { cache } from 'react'
import { env } from '@/lib/env'
import { findByLoginSession } from '@/lib/login-sessions'
import { sessionCookieName } from './cookies'
import { originOf } from './origin'

/** Whom a browser's cookie says it is; unproven until the login session's row is found. */
export async function readSessionCookie(headers: Headers) {
  const cookieName = sessionCookieName(headers)
  const token = await getToken({ req: { headers }, secret: env().AUTH_SECRET, cookieName })
  return token && { userId: String(token.sub), loginSessionId: String(token.loginSessionId) }
}

/** The person whose browser asks, if signed in. */
export const currentUser = cache(async () => {
  const asked = await headers()
  const cookie = await readSessionCookie(new Headers(asked))
  return cookie ? findByLoginSession(cookie.loginSessionId, originOf(asked).address) : undefined
})

/** The person whose browser asks; who is signed out is sent to log in, and back to `path` afterwards. */
export async function requireUser(path: string) {
  return (await currentUser()) ?? redirect(`/login?from=${encodeURIComponent(path)}`)
}
