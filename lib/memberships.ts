import 'server-only'
import { and, eq } from 'drizzle-orm'
import { database } from '@/db/connection'
import { memberships } from '@/db/schema'
import { missing } from './errors'
import { isId } from './fields'
import type { CurrentUser } from './login-sessions'

/** Whether the person is in the conversation, in one look. */
export async function isMember(userId: string, conversationId: string) {
  if (!isId(conversationId)) return false
  const membership = and(eq(memberships.conversationId, conversationId), eq(memberships.userId, userId))
  return (await database().$count(memberships, membership)) > 0
}

/** @throws {Refusal} 404 unless the person is in the conversation */
export async function requireMembership(user: CurrentUser, conversationId: string) {
  if (!(await isMember(user.id, conversationId))) throw missing('conversation')
}
