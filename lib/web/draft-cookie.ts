import 'server-only'
import { cookies, headers } from 'next/headers'
import type { CurrentUser } from '@/lib/current-user'
import { discardDraft, draftMinutes, findDraft, keepDraft } from '@/lib/drafts'
import { cookieName, isHttps } from './cookies'

const prefix = 'parley.draft.'

/** The cookie of a conversation's draft, with the attributes that `__Host-` requires to set it and to delete it. */
async function cookieFor(conversationId: string) {
  const request = await headers()
  return {
    name: cookieName(prefix + conversationId, request),
    secure: isHttps(request),
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
  } as const
}

/** Keeps what somebody wrote, for them in this browser only. */
export async function keepDraftHere(userId: string, values: Record<string, string>) {
  const value = await keepDraft(userId, values)
  if (!value || !values.conversationId) return
  const cookie = await cookieFor(values.conversationId)
  ;(await cookies()).set({ ...cookie, value, maxAge: draftMinutes * 60 })
}

/** What this browser kept for the person's composer, if anything. */
export async function findDraftHere(user: CurrentUser, conversationId: string) {
  const { name } = await cookieFor(conversationId)
  const id = (await cookies()).get(name)?.value
  return id ? findDraft(user, conversationId, id) : undefined
}

/** Forgets it, once it was sent, or the page's script has it. */
export async function discardDraftHere(user: CurrentUser, conversationId: string) {
  await discardDraft(user, conversationId)
  ;(await cookies()).delete(await cookieFor(conversationId))
}

/** Whether this browser kept something, whoever it is for. */
export async function isDraftHere() {
  const start = cookieName(prefix, await headers())
  return (await cookies()).getAll().some(({ name }) => name.startsWith(start))
}
