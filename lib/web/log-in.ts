import 'server-only'
import { after } from 'next/server'
import type { Origin } from '@/lib/current-user'
import { endLoginSession, startLoginSession } from '@/lib/login-sessions'
import { signIn } from './auth'
import { localPath } from './local-path'
import { currentUser } from './page-user'

/**
 * Starts a login session for this browser and redirects it to `from`, a path of this site. A login session that the
 * browser still has ends; pages in other tabs open new sockets, because a socket belongs to one session.
 */
export async function logInBrowser(
  userId: string,
  origin: Origin,
  from: string | undefined,
): Promise<undefined> {
  const replaced = await currentUser()
  const { token } = await startLoginSession(userId, 'browser', origin)
  // After the answer, because pages in other tabs then check at once whether the browser is signed in.
  if (replaced) after(() => endLoginSession(replaced, replaced.loginSessionId))
  await signIn('credentials', { token, redirectTo: localPath(from) })
}
