import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { userOf } from './session-cookie'

/** The signed-in person who requests the page, if any. */
export const currentUser = cache(async () => userOf(await headers()))

/** The signed-in person. A signed-out browser is redirected to log in, and afterwards back to `path`. */
export async function requireUser(path: string) {
  return (await currentUser()) ?? redirect(`/login?from=${encodeURIComponent(path)}`)
}
