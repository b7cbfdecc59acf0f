import 'server-only'
import { headers } from 'next/headers'
import { startLoginSession } from '@/lib/login-sessions'
import { signIn } from './auth'
import { localPath } from './local-path'
import { originOf } from './origin'

/** Starts a login session for this browser and sends it on to `from`, a path of this site. */
export async function logInBrowser(userId: string, from: string | undefined): Promise<undefined> {
  const { token } = await startLoginSession(userId, 'browser', originOf(await headers()))
  await signIn('credentials', { token, redirectTo: localPath(from) })
}
