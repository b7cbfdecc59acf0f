import 'server-only'
import { and, eq, gt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import { conversations, invitations, memberships } from '@/db/schema'
import { createdEvents, getFullConversation } from './conversations'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'
import { anyUsername, check, groupTitle, isId } from './fields'
import { groupSize } from './group-size'
import { createInvitation, eventForBoth, findPending, requireInviter } from './invitations'
import { findInvitees, lockInvitees, requireInvitable } from './invitees'
import { spend } from './limits'
import { addNotice, noticeEvents } from './notices'
import { publish } from './realtime/publish'
import type { Conversation, Invitation, Member } from './views'

export const groupDraft = z.object({
  title: groupTitle,
  usernames: z
    .array(anyUsername, 'Give a list of usernames.')
    .min(1, 'Choose at least one person.')
    .max(groupSize.most - 1, `A group has at most ${groupSize.most} people.`)
    .meta({ description: 'The people to invite.' }),
})

/**
 * Creates a group, with the person as its owner, and invites people to it. People who are offline find the invitation
 * later. If one of them cannot be invited, nothing is created.
 * @throws {Refusal} 422, 404 for an unknown username, 403 for somebody who cannot be invited, 429
 */
export async function createGroup(
  user: CurrentUser,
  input: unknown,
): Promise<{ conversation: Conversation; invitations: Invitation[] }> {
  const { title, usernames } = check(groupDraft, input)
  requireInviter(user)
  await spend('createGroup', user)
  await spend('invite', user)
  const { id, invitations } = await database().transaction(async (tx) => {
    const invitees = await findInvitees(tx, usernames)
    await lockInvitees(tx, user, invitees)
    await requireInvitable(tx, user, invitees)
    const id = await insertGroup(tx, user, title)
    const invitations: Invitation[] = []
    for (const { person } of invitees) {
      invitations.push(await createInvitation(tx, user, person, { id, name: title }))
      await addNotice(tx, id, user, `${user.username} invited ${person.username}`)
    }
    return { id, invitations }
  })
  publish(
    ...(await createdEvents(user, id)),
    ...invitations.map((one) => eventForBoth(one, 'invitation.created')),
  )
  return { conversation: await getFullConversation(user, id), invitations }
}

async function insertGroup(tx: Transaction, { id: userId }: CurrentUser, name: string) {
  const [group] = await tx
    .insert(conversations)
    .values({ kind: 'group', name })
    .returning({ conversationId: conversations.id })
  if (!group) throw new Error('The group was not stored.')
  await tx.insert(memberships).values({ ...group, userId, role: 'owner', activeAt: sql`now()`, newestSeq: 0 })
  return group.conversationId
}

/** A group as its own member sees it, locked until the commit. */
export type LockedGroup = { id: string; name: string; role: Member['role'] }

/** As `lockGroup`, which fails unless the person is in the group. */
export async function lockOwnGroup(tx: Transaction, user: { id: string }, id: string) {
  const [group] = isId(id)
    ? await tx
        .select({ id: conversations.id, name: conversations.name, role: memberships.role })
        .from(conversations)
        .innerJoin(memberships, eq(memberships.conversationId, conversations.id))
        .where(
          and(eq(conversations.id, id), eq(conversations.kind, 'group'), eq(memberships.userId, user.id)),
        )
        .for('no key update', { of: [conversations, memberships] })
    : []
  return group && { ...group, name: group.name ?? '' }
}

/**
 * Locks a group until the commit, so that what happens to its people happens in one order, also with its messages.
 * Locks the person's membership after it: the person may have left while this waited for the group.
 * @throws {Refusal} 404 unless the person is in it
 */
export async function lockGroup(tx: Transaction, user: CurrentUser, id: string): Promise<LockedGroup> {
  const group = await lockOwnGroup(tx, user, id)
  if (!group) throw missing('group')
  return group
}

/** The groups that the person owns, by title: at most 100. */
export const listOwnedGroups = ({ id }: CurrentUser) =>
  database()
    .select({ id: conversations.id, name: conversations.name })
    .from(memberships)
    .innerJoin(conversations, eq(conversations.id, memberships.conversationId))
    .where(and(eq(memberships.userId, id), eq(memberships.role, 'owner'), eq(conversations.kind, 'group')))
    .orderBy(conversations.name)
    .limit(100)

/** @throws {Refusal} 403 */
export function requireOwner({ role }: LockedGroup) {
  if (role !== 'owner') throw new Refusal(403, 'Only owners of the group can do that.')
}

export const groupChange = z.object({ title: groupTitle })

/** @throws {Refusal} 422, 404 unless the person is in the group, 403 unless they own it, 429 */
export async function renameGroup(user: CurrentUser, id: string, input: unknown): Promise<Conversation> {
  const { title } = check(groupChange, input)
  await spend('send', user)
  const notice = await database().transaction(async (tx) => {
    const group = await lockGroup(tx, user, id)
    requireOwner(group)
    if (group.name === title) return undefined
    await tx.update(conversations).set({ name: title }).where(eq(conversations.id, id))
    return addNotice(tx, id, user, `${user.username} renamed the group to ${title}`)
  })
  if (notice) publish(...noticeEvents(notice, { name: title }))
  return getFullConversation(user, id)
}

export const groupInvitation = z.object({ username: anyUsername })

/**
 * Invites a person to a group. A person who is offline finds the invitation later.
 * @throws {Refusal} 422, 404 unless the person is in the group or for an unknown username, 403 unless they own it or
 * for somebody who cannot be invited, 409 for a member, a pending invitation (with it), or within 30 days after the
 * person whom they invited left or rejected, 429
 */
export async function inviteToGroup(user: CurrentUser, id: string, input: unknown): Promise<Invitation> {
  const { username } = check(groupInvitation, input)
  await spend('invite', user)
  const { invitation, notice } = await database().transaction(async (tx) => {
    const group = await lockGroup(tx, user, id)
    requireOwner(group)
    const invitees = await findInvitees(tx, [username])
    const [{ person }] = invitees
    await lockInvitees(tx, user, invitees)
    await requireAbsent(tx, user, group, person)
    await requireInvitable(tx, user, invitees)
    return {
      invitation: await createInvitation(tx, user, person, { id, name: group.name }),
      notice: await addNotice(tx, id, user, `${user.username} invited ${person.username}`),
    }
  })
  publish(eventForBoth(invitation, 'invitation.created'), ...noticeEvents(notice))
  return invitation
}

/** @throws {Refusal} 409 if the person is in the group, is invited, or must not be invited again yet */
async function requireAbsent(
  tx: Transaction,
  user: CurrentUser,
  { id, name }: LockedGroup,
  person: Invitation['invitee'],
) {
  const membership = and(eq(memberships.conversationId, id), eq(memberships.userId, person.id))
  if (await tx.$count(memberships, membership))
    throw new Refusal(409, `${person.name} is already in this group.`, { details: { reason: 'member' } })
  const toGroup = and(eq(invitations.conversationId, id), eq(invitations.inviteeId, person.id))
  const invitation = await findPending(tx, toGroup)
  if (invitation)
    throw new Refusal(409, `${person.name} is already invited to this group.`, {
      details: { reason: 'pending', invitation },
    })
  const lately = sql`now() - interval '30 days'`
  const wasDeclined = or(
    gt(invitations.leftAt, lately),
    and(eq(invitations.status, 'rejected'), gt(invitations.answeredAt, lately)),
  )
  if (await tx.$count(invitations, and(toGroup, eq(invitations.inviterId, user.id), wasDeclined)))
    throw new Refusal(409, `${person.name} left “${name}” or rejected your invitation. Wait 30 days.`, {
      details: { reason: 'declined' },
    })
}
