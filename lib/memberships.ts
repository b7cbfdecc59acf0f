import 'server-only'
import { and, eq } from 'drizzle-orm'
import { database } from '@/db/connection'
import { conversations, memberships } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { missing } from './errors'
import { isId } from './fields'
import { isClosed } from './pairs'

/** Whether the person is in the conversation. */
export async function isMember(userId: string, conversationId: string) {
  if (!isId(conversationId)) return false
  const membership = and(eq(memberships.conversationId, conversationId), eq(memberships.userId, userId))
  return (await database().$count(memberships, membership)) > 0
}

/** Whether the person is in the conversation and neither of its two people has blocked the other. */
export async function isMemberOfOpen(userId: string, conversationId: string) {
  if (!isId(conversationId)) return false
  const [row] = await database()
    .select({ isClosed })
    .from(conversations)
    .innerJoin(memberships, eq(memberships.conversationId, conversations.id))
    .where(and(eq(conversations.id, conversationId), eq(memberships.userId, userId)))
  return row?.isClosed === false
}

/** @throws {Refusal} 404 unless the person is in the conversation */
export async function requireMembership(user: CurrentUser, conversationId: string) {
  if (!(await isMember(user.id, conversationId))) throw missing('conversation')
}
