import 'server-only'
import { after } from 'next/server'
import type { Origin } from '@/lib/current-user'
import { endLoginSession, startLoginSession } from '@/lib/login-sessions'
import { signIn } from './auth'
import { localPath } from './local-path'
import { currentUser } from './page-user'

/**
 * Starts a login session for this browser and sends it on to `from`, a path of this site. A login session that the
 * browser still had ends: its sockets belong to it alone, so pages in other tabs open new ones.
 */
export async function logInBrowser(
  userId: string,
  origin: Origin,
  from: string | undefined,
): Promise<undefined> {
  const replaced = await currentUser()
  const { token } = await startLoginSession(userId, 'browser', origin)
  // Only when the browser has its new cookie: those pages ask at once whether it is still signed in.
  if (replaced) after(() => endLoginSession(replaced, replaced.loginSessionId))
  await signIn('credentials', { token, redirectTo: localPath(from) })
}
