import 'server-only'
import { cookies, headers } from 'next/headers'
import { discardDraft, draftMinutes, findDraft, keepDraft } from '@/lib/drafts'
import type { CurrentUser } from '@/lib/login-sessions'

const prefix = 'parley.draft.'
const nameFor = (conversationId: string) => prefix + conversationId

/** Keeps what somebody wrote, for them in this browser only. */
export async function keepDraftHere(userId: string, values: Record<string, string>) {
  const id = await keepDraft(userId, values)
  if (!id || !values.conversationId) return
  const secure = (await headers()).get('x-forwarded-proto') === 'https'
  const options = { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: draftMinutes * 60 } as const
  ;(await cookies()).set(nameFor(values.conversationId), id, options)
}

/** What this browser kept for the person's composer, if anything. */
export async function findDraftHere(user: CurrentUser, conversationId: string) {
  const id = (await cookies()).get(nameFor(conversationId))?.value
  return id ? findDraft(user, conversationId, id) : undefined
}

/** Forgets it, once it was sent, or the page's script has it. */
export async function discardDraftHere(user: CurrentUser, conversationId: string) {
  await discardDraft(user, conversationId)
  ;(await cookies()).delete(nameFor(conversationId))
}

/** Whether this browser kept something, whoever it is for. */
export const isDraftHere = async () => (await cookies()).getAll().some(({ name }) => name.startsWith(prefix))
