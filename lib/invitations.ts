import 'server-only'
import { and, desc, eq, inArray, isNull, or, type SQL, sql } from 'drizzle-orm'
import { alias, type PgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { type Database, database, type Transaction } from '@/db/connection'
import { prepared } from '@/db/prepared'
import { conversations, invitations, users } from '@/db/schema'
import { createdEvents, findDirectConversation, openDirectConversation } from './conversations'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'
import { anyUsername, check, isId } from './fields'
import { findOwnGroup, joinedEvents, joinGroup, lockGroupOf } from './group-joining'
import { findInvitees, lockInvitees, requireInvitable } from './invitees'
import { spend } from './limits'
import { userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { personColumns, toPerson } from './users'
import type { Invitation, Invitations, Person } from './views'

/** The outcome of inviting somebody. Only `sent` and `left` created an invitation; the others show what existed. */
export type InviteOutcome =
  | { outcome: 'sent' | 'left' | 'pending'; person: Person; invitation: Invitation }
  | { outcome: 'offline'; person: Person }
  | { outcome: 'conversation'; person: Person; conversationId: string }

const leave = z
  .union([z.stringbool(), z.boolean()], 'Say true or false.')
  .default(false)
  .meta({ description: 'Leave the invitation if the person is offline. Without it they get none.' })
export const invitationRequest = z.object({ username: anyUsername, leave })

/**
 * Invites a person to a conversation. A person who is offline is invited only with `leave`.
 * @throws {Refusal} 404 for an unknown username, 403 for a person who cannot be invited, 429
 */
export async function invite(user: CurrentUser, input: unknown): Promise<InviteOutcome> {
  const { username, leave } = check(invitationRequest, input)
  requireInviter(user)
  await spend('invite', user)
  const result = await database().transaction((tx) => inviteOnce(tx, user, username, leave))
  if (result.outcome === 'sent' || result.outcome === 'left')
    publish(eventForBoth(result.invitation, 'invitation.created'))
  return result
}

/** @throws {Refusal} 403 */
export function requireInviter({ isGuest }: CurrentUser) {
  if (isGuest) throw new Refusal(403, 'Guests cannot invite: set a password first.')
}

async function inviteOnce(
  tx: Transaction,
  user: CurrentUser,
  username: string,
  leave: boolean,
): Promise<InviteOutcome> {
  const invitees = await findInvitees(tx, [username])
  const [{ person, isOnline }] = invitees
  await lockInvitees(tx, user, invitees)
  const conversationId = await findDirectConversation(tx, user.id, person.id)
  if (conversationId) return { outcome: 'conversation', person, conversationId }
  const invitation = await findPending(
    tx,
    and(isNull(invitations.conversationId), between(user.id, person.id)),
  )
  if (invitation) return { outcome: 'pending', person, invitation }
  await requireInvitable(tx, user, invitees)
  if (!isOnline && !leave) return { outcome: 'offline', person }
  return { outcome: isOnline ? 'sent' : 'left', person, invitation: await createInvitation(tx, user, person) }
}

/** Stores an invitation to a direct conversation, or to that group. */
export async function createInvitation(
  tx: Transaction,
  inviter: Person,
  invitee: Person,
  group: Invitation['conversation'] = null,
): Promise<Invitation> {
  const [row] = await tx
    .insert(invitations)
    .values({ inviterId: inviter.id, inviteeId: invitee.id, conversationId: group?.id })
    .returning({ id: invitations.id, status: invitations.status, createdAt: invitations.createdAt })
  if (!row) throw new Error('The invitation was not stored.')
  const { id, username, name } = inviter
  return {
    ...row,
    inviter: { id, username, name },
    invitee,
    conversation: group,
    createdAt: row.createdAt.toISOString(),
  }
}

const answers = { accept: 'accepted', reject: 'rejected', withdraw: 'withdrawn' } as const
export const invitationAnswer = z.object({
  answer: z.enum(['accept', 'reject', 'withdraw'], 'Answer with accept, reject or withdraw.'),
})

/**
 * Answers a pending invitation: the invitee accepts or rejects it, the inviter withdraws it. Of several simultaneous
 * answers, the first to commit counts.
 * @returns the conversation's id if the invitation was accepted
 * @throws {Refusal} 404 unless the person may answer it, 409 (with the conversation, if any) if it was answered
 * already, or if the group is full
 */
export async function answerInvitation(user: CurrentUser, id: string, input: unknown) {
  const { answer } = check(invitationAnswer, input)
  const role = answer === 'withdraw' ? invitations.inviterId : invitations.inviteeId
  if (!isId(id)) throw missing('invitation')
  const { conversationId, joined } = await database().transaction(async (tx) => {
    // Before the invitation, in the same order as the removal of a group, so that the two cannot deadlock.
    if (answer === 'accept') await lockGroupOf(tx, id)
    const [answered] = await tx
      .update(invitations)
      .set({ status: answers[answer], answeredAt: sql`now()` })
      .where(and(eq(invitations.id, id), eq(role, user.id), eq(invitations.status, 'pending')))
      .returning()
    if (!answered) throw await refuseAnswer(tx, user, id, role)
    const { inviterId, inviteeId, conversationId } = answered
    if (answer !== 'accept') return {}
    if (!conversationId) return { conversationId: await openDirectConversation(tx, inviterId, inviteeId) }
    return { conversationId, joined: await joinGroup(tx, user, conversationId) }
  })
  publish(...(await answeredEvents(id, conversationId)), ...(joined ? joinedEvents(user, joined) : []))
  return conversationId
}

async function refuseAnswer(tx: Transaction, user: CurrentUser, id: string, role: PgColumn) {
  const [row] = await tx
    .select({
      inviterId: invitations.inviterId,
      inviteeId: invitations.inviteeId,
      status: invitations.status,
      groupId: invitations.conversationId,
    })
    .from(invitations)
    .where(and(eq(invitations.id, id), eq(role, user.id)))
  if (!row) return missing('invitation')
  const conversationId = row.groupId
    ? await findOwnGroup(tx, user, row.groupId)
    : await findDirectConversation(tx, row.inviterId, row.inviteeId)
  return new Refusal(409, `This invitation was already ${row.status}.`, {
    details: { answer: row.status, ...(conversationId && { conversation: { id: conversationId } }) },
  })
}

/** The person's pending invitations, the latest first: at most 100 received and 100 sent. */
export async function listInvitations(user: CurrentUser): Promise<Invitations> {
  const found = (await selectPending({ userId: user.id })).map(toInvitation)
  return {
    received: found.filter(({ invitee }) => invitee.id === user.id),
    sent: found.filter(({ inviter }) => inviter.id === user.id),
  }
}

/** The last 30 days' invitations that the other person answered or withdrew, the latest first: at most 25 of each. */
export async function listAnswered(user: CurrentUser) {
  return (await selectAnswered({ userId: user.id })).map(toInvitation)
}

/**
 * Ends a person's pending invitations, or those between two people. To the other person they look rejected or withdrawn.
 * @returns their ids
 */
export async function endInvitations(tx: Transaction, userId: string, personId?: string) {
  const isOfPerson = or(eq(invitations.inviterId, userId), eq(invitations.inviteeId, userId))
  const ended = await tx
    .update(invitations)
    .set({
      status: sql`case when ${invitations.inviterId} = ${userId} then 'withdrawn' else 'rejected' end`,
      answeredAt: sql`now()`,
    })
    .where(and(eq(invitations.status, 'pending'), personId ? between(userId, personId) : isOfPerson))
    .returning({ id: invitations.id })
  return ended.map(({ id }) => id)
}

/** Accepts pending invitations, because a link has led the person to the same place. @returns their ids */
export async function acceptPending(tx: Transaction, which: SQL | undefined) {
  const accepted = await tx
    .update(invitations)
    .set({ status: 'accepted', answeredAt: sql`now()` })
    .where(and(eq(invitations.status, 'pending'), which))
    .returning({ id: invitations.id })
  return accepted.map(({ id }) => id)
}

/** The events for both people after an answer, including the new conversation if it was accepted. */
export async function answeredEvents(id: string, conversationId?: string) {
  const [invitation] = await selectInvitations(database(), eq(invitations.id, id))
  if (!invitation) return []
  // Who invites to a group is in it already.
  const viewers = invitation.conversation ? [invitation.invitee] : [invitation.inviter, invitation.invitee]
  const created = conversationId ? viewers.map((viewer) => createdEvents(viewer, conversationId)) : []
  return [eventForBoth(invitation, 'invitation.answered'), ...(await Promise.all(created)).flat()]
}

/** The events for the people of these invitations, which have ended. */
export async function endedEvents(ids: string[]) {
  const ended = ids.length ? await selectInvitations(database(), inArray(invitations.id, ids)) : []
  return ended.map((invitation) => eventForBoth(invitation, 'invitation.answered'))
}

export const eventForBoth = (invitation: Invitation, name: 'invitation.created' | 'invitation.answered') =>
  event([userChannel(invitation.inviter.id), userChannel(invitation.invitee.id)], name, invitation)

/** The pending invitation of these, if there is one. */
export async function findPending(tx: Transaction, which: SQL | undefined) {
  const [pending] = await listPending(tx, which)
  return pending
}

export const listPending = (tx: Transaction, which: SQL | undefined) =>
  selectInvitations(tx, and(eq(invitations.status, 'pending'), which))

/** Invitations between two people, in either direction. */
export const between = (one: string, other: string) =>
  or(
    and(eq(invitations.inviterId, one), eq(invitations.inviteeId, other)),
    and(eq(invitations.inviterId, other), eq(invitations.inviteeId, one)),
  )

async function selectInvitations(db: Database | Transaction, where: SQL | undefined): Promise<Invitation[]> {
  return (await selectRows(db, where)).map(toInvitation)
}

function selectRows(db: Database | Transaction, where: SQL | undefined) {
  const inviter = alias(users, 'inviter')
  const invitee = alias(users, 'invitee')
  return db
    .select({
      id: invitations.id,
      status: invitations.status,
      createdAt: invitations.createdAt,
      inviter: personColumns(inviter),
      invitee: personColumns(invitee),
      group: { id: conversations.id, name: conversations.name },
    })
    .from(invitations)
    .leftJoin(conversations, eq(conversations.id, invitations.conversationId))
    .innerJoin(inviter, eq(inviter.id, invitations.inviterId))
    .innerJoin(invitee, eq(invitee.id, invitations.inviteeId))
    .where(where)
    .orderBy(desc(invitations.createdAt))
}

const userId = sql.placeholder('userId')

/** The latest of a person's invitations in either role. Each part reads no more of its index than it returns. */
const selectLatest = (parts: SQL[]) =>
  prepared((db) => selectRows(db, sql`${invitations.id} in (${sql.join(parts, sql` union all `)})`))

const selectPending = selectLatest(
  [invitations.inviterId, invitations.inviteeId].map(
    (role) => sql`(select id from ${invitations} where ${role} = ${userId} and status = 'pending'
      order by ${invitations.createdAt} desc limit 100)`,
  ),
)
const recently = sql`answered_at > now() - interval '30 days' order by answered_at desc limit 25`
const selectAnswered = selectLatest([
  sql`(select id from ${invitations}
    where ${invitations.inviterId} = ${userId} and status in ('accepted', 'rejected') and ${recently})`,
  sql`(select id from ${invitations}
    where ${invitations.inviteeId} = ${userId} and status = 'withdrawn' and ${recently})`,
])

const toInvitation = ({ group, ...row }: Awaited<ReturnType<typeof selectRows>>[number]): Invitation => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  inviter: toPerson(row.inviter),
  invitee: toPerson(row.invitee),
  conversation: group && { id: group.id, name: group.name ?? '' },
})
