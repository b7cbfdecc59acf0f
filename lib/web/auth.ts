import 'server-only'
import { headers } from 'next/headers'
import NextAuth, { type NextAuthConfig } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { env } from '@/lib/env'
import { logError } from '@/lib/log'
import { endLoginSession, findByLoginSession, redeemToken } from '@/lib/login-sessions'
import { isHttps, sessionCookieName } from './cookies'

// The row in the database says when a login session ends; the cookie only outlives it.
const cookieDays = 400

/**
 * next-auth carries the login session: its cookie holds the id of a row, sealed, and counts only while
 * the row is there. Passwords never come this way: `lib/web/log-in.ts` trades a one-time token.
 */
export const { handlers, signIn, signOut } = NextAuth(async () => configFor(await headers()))

const configFor = (request: Pick<Headers, 'get'>): NextAuthConfig => ({
  secret: env().AUTH_SECRET,
  trustHost: true,
  pages: { signIn: '/login', error: '/login' },
  session: { strategy: 'jwt', maxAge: cookieDays * 24 * 60 * 60 },
  useSecureCookies: isHttps(request),
  cookies: { sessionToken: { name: sessionCookieName(request) } },
  providers: [
    Credentials({
      credentials: { token: {} },
      authorize: async ({ token }) => {
        const session = typeof token === 'string' ? await redeemToken(token) : undefined
        return session ? { id: session.userId, loginSessionId: session.id } : null
      },
    }),
  ],
  callbacks: {
    jwt: async ({ token, user }) => {
      if (user && 'loginSessionId' in user) return { sub: user.id, loginSessionId: user.loginSessionId }
      return (await findByLoginSession(String(token.loginSessionId))) ? token : null
    },
  },
  events: {
    // By next-auth's own path; our form has ended it by then.
    signOut: async (message) => {
      const id = 'token' in message && String(message.token?.loginSessionId)
      const user = id && (await findByLoginSession(id))
      if (user) await endLoginSession(user, user.loginSessionId)
    },
  },
  logger: {
    error: (error) => {
      if (!isOfRequest(error)) logError('auth', error)
    },
  },
})

/** Whether the request is at fault, which is answered with a 4xx and is no news. */
const isOfRequest = (error: Error & { type?: unknown }) =>
  error instanceof SyntaxError ||
  ['CredentialsSignin', 'MissingCSRF', 'UnknownAction'].includes(String(error.type))
