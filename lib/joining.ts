import 'server-only'
import { and, eq, isNull } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { conversations, invitations } from '@/db/schema'
import { createdEvents, findDirectConversation, openDirectConversation } from './conversations'
import type { CurrentUser } from './current-user'
import { Refusal } from './errors'
import { findOwnGroup, joinedEvents, joinGroup } from './group-joining'
import { acceptPending, answeredEvents, between } from './invitations'
import { findLink, type OpenedLink, takeUse, unusableLink } from './links'
import type { Notice } from './notices'
import { listBlocks, lockPeople } from './pairs'
import { publish } from './realtime/publish'
import type { Person } from './views'

/** Where a link has led a person. */
export type Entered = {
  conversationId?: string
  /** The people who see the conversation in their lists from now on. */
  newMembers?: Person[]
  notice?: Notice
  /** Invitations that the link has made superfluous. */
  accepted?: string[]
}

/**
 * Lets somebody who is signed in use a link. Somebody who is there already uses nothing up.
 * @returns the id of the conversation, if the link leads into one
 * @throws {Refusal} 403 for a link that cannot be used, a guest, or if one of the two has blocked the other; 409 if the
 * group is full
 */
export async function joinByLink(user: CurrentUser, token: string) {
  if (user.isGuest) throw new Refusal(403, 'You are a guest. Set a password to join.')
  const entered = await database().transaction(async (tx): Promise<Entered> => {
    const link = await findLink(token, tx)
    if (!link) throw unusableLink()
    // A link that leads nowhere only brings new accounts in.
    return link.group || link.withMaker ? enter(tx, user, link) : {}
  })
  await announce(user, entered)
  return entered.conversationId
}

/**
 * Uses a link up by one for a new account, in the transaction that creates it, and enters where the link leads. Call
 * `announce` after the commit.
 * @throws {Refusal} 403 for a link that cannot be used, 409 if the group is full
 */
export async function enterByLink(tx: Transaction, person: Person, token: string): Promise<Entered> {
  const link = await findLink(token, tx)
  if (!link) throw unusableLink()
  return enter(tx, person, link)
}

/** The events for everyone concerned. */
export async function announce(person: Person, { conversationId, newMembers = [], ...entered }: Entered) {
  const { notice, accepted = [] } = entered
  const events = [
    ...accepted.map((id) => answeredEvents(id)),
    ...newMembers.map((member) => createdEvents(member, String(conversationId))),
  ]
  publish(...(await Promise.all(events)).flat(), ...(notice ? joinedEvents(person, notice) : []))
}

async function enter(tx: Transaction, person: Person, link: NonNullable<OpenedLink>): Promise<Entered> {
  if (link.group) return enterGroup(tx, person, link.id, link.group.id)
  if (link.withMaker) return openWithMaker(tx, person, link)
  await takeUse(tx, link.id)
  return {}
}

/** Locks the group before the link, in the same order as its removal, so that the two cannot deadlock. */
async function enterGroup(
  tx: Transaction,
  person: Person,
  linkId: string,
  groupId: string,
): Promise<Entered> {
  await tx
    .select({ id: conversations.id })
    .from(conversations)
    .where(eq(conversations.id, groupId))
    .for('no key update')
  await lockAll(tx, [person.id])
  if (await findOwnGroup(tx, person, groupId)) return { conversationId: groupId }
  await takeUse(tx, linkId)
  const pending = and(eq(invitations.conversationId, groupId), eq(invitations.inviteeId, person.id))
  return {
    conversationId: groupId,
    accepted: await acceptPending(tx, pending),
    notice: await joinGroup(tx, person, groupId),
    newMembers: [person],
  }
}

async function openWithMaker(
  tx: Transaction,
  person: Person,
  { id, maker }: NonNullable<OpenedLink>,
): Promise<Entered> {
  if (maker.id === person.id) return {}
  await lockAll(tx, [person.id, maker.id])
  const existing = await findDirectConversation(tx, person.id, maker.id)
  if (existing) return { conversationId: existing }
  const [block] = await listBlocks(tx, person.id, [maker.id])
  if (block?.blockerId === person.id)
    throw new Refusal(403, `You have blocked ${maker.name}. Unblock them first.`)
  if (block) throw new Refusal(403, `You cannot start a conversation with ${maker.name}.`)
  await takeUse(tx, id)
  const pending = and(isNull(invitations.conversationId), between(person.id, maker.id))
  return {
    accepted: await acceptPending(tx, pending),
    conversationId: await openDirectConversation(tx, person.id, maker.id),
    newMembers: [person, maker],
  }
}

/** Locks people until the commit. @throws {Refusal} 403 if one of them was deleted meanwhile */
async function lockAll(tx: Transaction, ids: string[]) {
  if ((await lockPeople(tx, ids)).length < ids.length) throw unusableLink()
}
