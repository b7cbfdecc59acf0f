import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { userOf } from './session-cookie'

/** The person whose browser asks for a page, if signed in. */
export const currentUser = cache(async () => userOf(await headers()))

/** The person whose browser asks; who is signed out is sent to log in, and back to `path` afterwards. */
export async function requireUser(path: string) {
  return (await currentUser()) ?? redirect(`/login?from=${encodeURIComponent(path)}`)
}
