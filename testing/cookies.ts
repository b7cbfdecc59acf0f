import { encode } from 'next-auth/jwt'
import type { CurrentUser } from '@/lib/current-user'

/** Makes the session cookie of a person's browser; over https its name begins with `__Host-`. */
export async function cookieOf(
  { id, loginSessionId }: Pick<CurrentUser, 'id' | 'loginSessionId'>,
  cookieName = 'parley.session',
) {
  const secret = String(process.env.AUTH_SECRET)
  const token = await encode({ token: { sub: id, loginSessionId }, secret, salt: cookieName })
  return `${cookieName}=${token}`
}
