import 'server-only'
import { and, eq, sql } from 'drizzle-orm'
import type { Transaction } from '@/db/connection'
import { conversations, invitations, memberships } from '@/db/schema'
import { Refusal } from './errors'
import { groupSize } from './group-size'
import { addNotice, type Notice, noticeEvents } from './notices'
import { conversationChannel } from './realtime/channels'
import { event } from './realtime/publish'
import type { Person } from './views'

/** Locks the group of an invitation, if it is to a group, until the commit. */
export const lockGroupOf = (tx: Transaction, invitationId: string) =>
  tx
    .select({ id: conversations.id })
    .from(conversations)
    .innerJoin(invitations, eq(invitations.conversationId, conversations.id))
    .where(eq(invitations.id, invitationId))
    .for('no key update', { of: conversations })

/**
 * Adds a person to a group that is locked. Everything that was said before counts as read.
 * @returns the notice for those who were in it
 * @throws {Refusal} 409 if the group is full
 */
export async function joinGroup(tx: Transaction, user: Person, conversationId: string) {
  const count = await tx.$count(memberships, eq(memberships.conversationId, conversationId))
  if (count >= groupSize.most) throw new Refusal(409, 'This group is full.')
  const notice = await addNotice(tx, conversationId, user, `${user.username} joined`)
  await tx.execute(sql`
    insert into memberships (conversation_id, user_id, active_at, newest_seq, last_delivered_seq, last_read_seq)
    select id, ${user.id}, last_activity_at, last_seq, last_seq, last_seq from conversations where id = ${conversationId}`)
  return notice
}

/** The events for the people who were in the group before. */
export function joinedEvents({ id, username, name }: Person, notice: Notice) {
  const { conversationId } = notice.message
  const isAnnounced = notice.members.length < groupSize.announced
  const person = { id, username, name }
  return [
    ...noticeEvents(notice, { member: { ...person, role: 'member' } }),
    ...(isAnnounced
      ? [event(conversationChannel(conversationId), 'member.joined', { conversationId, ...person })]
      : []),
  ]
}

/** The group's id, if the person is in it. */
export async function findOwnGroup(tx: Transaction, { id }: Pick<Person, 'id'>, conversationId: string) {
  const [row] = await tx
    .select({ id: memberships.conversationId })
    .from(memberships)
    .where(and(eq(memberships.conversationId, conversationId), eq(memberships.userId, id)))
  return row?.id
}
