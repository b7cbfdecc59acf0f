import 'server-only'
import { and, asc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import { conversations, invitations, memberships, presence, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'
import { check, isId } from './fields'
import { type LockedGroup, lockGroup, requireOwner } from './groups'
import { eventForBoth, listPending } from './invitations'
import { spend } from './limits'
import { addNotice, type Notice, noticeEvents } from './notices'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish, published } from './realtime/publish'
import { closeSocketsOf } from './realtime/sockets'
import { toUser, userColumns } from './users'
import type { Invitation, Member, Person } from './views'

export const roleChange = z.object({
  role: z.enum(['owner', 'member'], 'Give the role owner or member.'),
})

/**
 * Makes a member an owner, or lets an owner step down (`me`, `member`).
 * @throws {Refusal} 422, 404 unless both are in the group, 403 unless the person may do that, 409 for the last owner,
 * 429
 */
export async function setRole(
  user: CurrentUser,
  id: string,
  personId: string,
  input: unknown,
): Promise<Member> {
  const { role } = check(roleChange, input)
  await spend('send', user)
  const { member, notice } = await database().transaction(async (tx) => {
    const group = await lockGroup(tx, user, id)
    const member = await findMember(tx, id, idOf(user, personId))
    requireOwner(group)
    if (member.role === role) return { member }
    const isOneself = member.id === user.id
    if (role === 'member') await requireStepDown(tx, group, isOneself)
    await changeRole(tx, id, member.id, role)
    const what = isOneself ? 'stepped down' : `made ${member.username} an owner`
    return { member: { ...member, role }, notice: await addNotice(tx, id, user, `${user.username} ${what}`) }
  })
  if (notice) publish(...noticeEvents(notice, { member: inRole(member) }))
  return member
}

const idOf = (user: CurrentUser, personId: string) => (personId === 'me' ? user.id : personId)

const inRole = ({ id, username, name, role }: Member) => ({ id, username, name, role })

/** @throws {Refusal} 403 for other owners, 409 for the last one */
async function requireStepDown(tx: Transaction, { id }: LockedGroup, isOneself: boolean) {
  if (!isOneself) throw new Refusal(403, 'Owners can only step down themselves.')
  if ((await countOwners(tx, id)) < 2)
    throw new Refusal(409, 'You are the last owner. Make someone else an owner first.')
}

const countOwners = (tx: Transaction, id: string) =>
  tx.$count(memberships, and(eq(memberships.conversationId, id), eq(memberships.role, 'owner')))

const isMembership = (id: string, userId: string) =>
  and(eq(memberships.conversationId, id), eq(memberships.userId, userId))

const changeRole = (tx: Transaction, id: string, personId: string, role: Member['role']) =>
  tx.update(memberships).set({ role }).where(isMembership(id, personId))

const selectMembers = (tx: Transaction) =>
  tx
    .select({ ...userColumns, role: memberships.role })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .leftJoin(presence, eq(presence.userId, users.id))

/** @throws {Refusal} 404 unless the person is in the group */
async function findMember(tx: Transaction, id: string, personId: string): Promise<Member> {
  const [row] = isId(personId) ? await selectMembers(tx).where(isMembership(id, personId)) : []
  if (!row) throw missing('person')
  return { ...toUser(row), role: row.role }
}

type Departure = { person: Person; notices: { notice: Notice; heir?: Member }[]; ended: Invitation[] }

/**
 * Removes a member, or lets the person leave (`me`). The person's sockets and streams end.
 * @throws {Refusal} 404 unless both are in the group, 403 unless the person may do that, 429
 */
export async function removeFromGroup(user: CurrentUser, id: string, personId: string) {
  const isLeaving = idOf(user, personId) === user.id
  if (!isLeaving) await spend('send', user)
  const departure = await database().transaction(async (tx) => {
    const group = await lockGroup(tx, user, id)
    const person = await findMember(tx, id, idOf(user, personId))
    if (isLeaving) return leave(tx, group, person)
    requireOwner(group)
    if (person.role === 'owner') throw new Refusal(403, 'Owners cannot be removed.')
    await tx.delete(memberships).where(isMembership(id, person.id))
    const notice = await addNotice(tx, id, user, `${user.username} removed ${person.username}`)
    return { person, notices: [{ notice }], ended: [] }
  })
  publish(...departureEvents(id, departure))
  // As in leaveRoom (attendance.ts): their pages receive the event before their sockets are closed.
  await published()
  await closeSocketsOf(departure.person.id)
}

/** Lets a person leave a group that is locked. `shown` is what the notice calls them. */
export async function leave(
  tx: Transaction,
  { id, role }: LockedGroup,
  person: Person,
  shown = person.username,
): Promise<Departure> {
  await tx.delete(memberships).where(isMembership(id, person.id))
  await tx
    .update(invitations)
    .set({ leftAt: sql`now()` })
    .where(
      and(
        eq(invitations.conversationId, id),
        eq(invitations.inviteeId, person.id),
        eq(invitations.status, 'accepted'),
      ),
    )
  if (!(await tx.$count(memberships, eq(memberships.conversationId, id))))
    return { person, notices: [], ended: await deleteGroup(tx, id) }
  const notices: Departure['notices'] = [{ notice: await addNotice(tx, id, person, `${shown} left`) }]
  if (role === 'owner' && !(await countOwners(tx, id))) {
    const heir = await promoteLongest(tx, id)
    notices.push({ heir, notice: await addNotice(tx, id, heir, `${heir.username} is now an owner`) })
  }
  return { person, notices, ended: [] }
}

/** Makes the longest-standing member an owner. */
async function promoteLongest(tx: Transaction, id: string): Promise<Member> {
  const [row] = await selectMembers(tx)
    .where(eq(memberships.conversationId, id))
    .orderBy(asc(memberships.joinedAt), asc(memberships.userId))
    .limit(1)
  if (!row) throw new Error('The group is empty.')
  await changeRole(tx, id, row.id, 'owner')
  return { ...toUser(row), role: 'owner' }
}

const deleteAtOnce = 20_000

/**
 * Deletes a group without people. Its messages come first, in steps, because each statement has a time limit.
 * @returns the pending invitations to it, as withdrawn
 */
async function deleteGroup(tx: Transaction, id: string): Promise<Invitation[]> {
  const pending = await listPending(tx, eq(invitations.conversationId, id))
  for (let deleted = deleteAtOnce; deleted === deleteAtOnce; ) {
    const { count } = await tx.execute(sql`
      delete from messages where conversation_id = ${id} and seq in (
        select seq from messages where conversation_id = ${id} order by seq limit ${deleteAtOnce})`)
    deleted = count
  }
  await tx.delete(conversations).where(eq(conversations.id, id))
  return pending.map((invitation) => ({ ...invitation, status: 'withdrawn' }))
}

export function departureEvents(conversationId: string, { person, notices, ended }: Departure) {
  const { id, username, name } = person
  return [
    ...notices.flatMap(({ notice, heir }) =>
      noticeEvents(notice, heir ? { member: inRole(heir) } : { leftId: id }),
    ),
    // Always, because the person's own streams and tabs have to end. Others need it only to list the people.
    event(conversationChannel(conversationId), 'member.left', {
      conversationId,
      byChoice: true,
      id,
      username,
      name,
    }),
    event(userChannel(id), 'conversation.touched', { conversationId, hasLeft: true }),
    ...ended.map((invitation) => eventForBoth(invitation, 'invitation.answered')),
  ]
}
