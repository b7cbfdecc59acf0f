import 'server-only'
import { type Origin, startLoginSession } from '@/lib/login-sessions'
import { signIn } from './auth'
import { localPath } from './local-path'

/** Starts a login session for this browser and sends it on to `from`, a path of this site. */
export async function logInBrowser(
  userId: string,
  origin: Origin,
  from: string | undefined,
): Promise<undefined> {
  const { token } = await startLoginSession(userId, 'browser', origin)
  await signIn('credentials', { token, redirectTo: localPath(from) })
}
