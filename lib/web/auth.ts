import 'server-only'
import { headers } from 'next/headers'
import NextAuth, { type NextAuthConfig } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { env } from '@/lib/env'
import { logError } from '@/lib/log'
import { endLoginSession, findByLoginSession, redeemToken } from '@/lib/login-sessions'
import { isHttps, sessionCookieName } from './cookies'

// Longer than any login session: the row in the database decides when a session ends.
const cookieDays = 400

/**
 * next-auth carries the login session: its encrypted cookie holds the id of a row, and is valid while that row
 * exists. It never sees a password: `lib/web/log-in.ts` signs in with a one-time token.
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
    // Logged out by next-auth's own path. Our form has ended the session before.
    signOut: async (message) => {
      const id = 'token' in message && String(message.token?.loginSessionId)
      const user = id && (await findByLoginSession(id))
      if (user) await endLoginSession(user, user.loginSessionId)
    },
  },
  logger: {
    error: (error) => {
      if (!isRequestError(error)) logError('auth', error)
    },
  },
})

/** Whether the request caused the error: it is answered with a 4xx and not logged. */
const isRequestError = (error: Error & { type?: unknown }) =>
  error instanceof SyntaxError ||
  ['CredentialsSignin', 'MissingCSRF', 'UnknownAction'].includes(String(error.type))
