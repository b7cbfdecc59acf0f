import 'server-only'
import { and, desc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import {
  conversations,
  memberships,
  mentions,
  messageChanges,
  messages,
  messageVersions,
  reactions,
  replies,
  users,
} from '@/db/schema'
import { recordAction } from './audit-log'
import type { CurrentUser } from './current-user'
import { isStillEditable } from './editable'
import { missing, Refusal } from './errors'
import { check, isId, messageBody, seq } from './fields'
import { spend } from './limits'
import { requireMembership } from './memberships'
import { mentionNames } from './mention-names'
import { mentionEvents, setMentions } from './mentions'
import { messageColumns, senderColumns, toMessage, toNewest, toShared } from './message-rows'
import { closed, isClosed } from './pairs'
import { reactionLineEvents } from './reaction-line'
import { conversationChannel, userChannel } from './realtime/channels'
import type { MessageChanged } from './realtime/events'
import { event, publish } from './realtime/publish'
import { isModerator } from './roles'
import type { Message } from './views'

export const messageEdit = z.object({
  body: messageBody,
  version: seq.nullish().meta({
    description: 'The `version` of the copy that was edited. If the text changed since, the edit is refused.',
  }),
})

/** A message that is about to change. Its conversation is locked until the commit. */
export type Target = {
  message: Message
  /** The version of its last edit. */
  bodyVersion: number
  kind: 'direct' | 'group' | 'room'
  /** The acting person's; undefined for a moderator outside. */
  role?: 'owner' | 'member'
  isClosed: boolean
  lastSeq: number
  /** The conversation's version with this change. */
  version: number
}

/** What was changed, for the event, and what `message_changes` stores of it. */
export type Change = Pick<MessageChanged, 'what' | 'emoji' | 'added'> & {
  stored?: Partial<Pick<typeof messageChanges.$inferInsert, 'bodyVersion' | 'editedAt' | 'deletedAt'>>
  /** The ids of people whom the message mentions now but did not before, or the other way round. */
  mentioned?: string[]
}

/**
 * Changes a message: locks the conversation, so that its changes are counted one after another, and lets `act` check
 * and apply the change. `act` returns undefined if there is nothing to change.
 * @returns the message as it is now
 * @throws {Refusal} 404 unless the person is in the conversation and it has this message, and what `act` throws
 */
export async function changeMessage(
  user: CurrentUser,
  conversationId: string,
  seq: number,
  act: (tx: Transaction, target: Target) => Promise<Change | undefined>,
  options?: LockOptions,
) {
  const { target, change, message } = await database().transaction(async (tx) => {
    const target = await lockMessage(tx, user, { conversationId, seq, ...options })
    const change = await act(tx, target)
    if (!change) return { target, message: target.message }
    const { version } = target
    await tx.update(conversations).set({ version }).where(eq(conversations.id, conversationId))
    await tx
      .insert(messageChanges)
      .values({ conversationId, seq, version, ...change.stored })
      .onConflictDoUpdate({
        target: [messageChanges.conversationId, messageChanges.seq],
        set: { version, ...change.stored },
      })
    const [changed] = await readMessages(tx, user, conversationId, [seq])
    return { target, change, message: changed?.message ?? target.message }
  })
  if (change) await publishChange(user, target, message, change)
  return message
}

/** `isOutside` is for a moderator who need not be in the conversation. */
type LockOptions = { isOutside?: boolean }

async function lockMessage(
  tx: Transaction,
  user: CurrentUser,
  { conversationId, seq, isOutside }: LockOptions & { conversationId: string; seq: number },
): Promise<Target> {
  const place = await lockPlace(tx, user, conversationId, isOutside)
  // After the lock, so that it contains every change that was committed before.
  const [found] = await readMessages(tx, user, conversationId, [seq])
  if (!found) throw missing('message')
  return { ...place, ...found, version: place.version + 1 }
}

async function lockPlace(tx: Transaction, user: CurrentUser, id: string, isOutside?: boolean) {
  if (!isId(id)) throw missing('conversation')
  const { kind, lastSeq, version } = conversations
  const columns = { kind, lastSeq, version, isClosed }
  const [place] = isOutside
    ? await tx.select(columns).from(conversations).where(eq(conversations.id, id)).for('no key update')
    : await tx
        .select({ ...columns, role: memberships.role })
        .from(conversations)
        .innerJoin(memberships, eq(memberships.conversationId, conversations.id))
        .where(and(eq(conversations.id, id), eq(memberships.userId, user.id)))
        // The membership too, after the conversation: the person may have been removed while this waited.
        .for('no key update', { of: [conversations, memberships] })
  if (!place) throw missing('conversation')
  return place
}

/** The messages with these `seq`s as the person sees them, in order. */
export async function readMessages(
  tx: Transaction,
  { id: userId }: { id: string },
  conversationId: string,
  seqs: number[],
) {
  const rows = await tx
    .select({ message: messageColumns, sender: senderColumns, bodyVersion: messageChanges.bodyVersion })
    .from(messages)
    .innerJoin(conversations, eq(conversations.id, messages.conversationId))
    .innerJoin(users, eq(users.id, messages.senderId))
    .leftJoin(
      messageChanges,
      and(eq(messageChanges.conversationId, messages.conversationId), eq(messageChanges.seq, messages.seq)),
    )
    .where(and(eq(messages.conversationId, conversationId), hasOneOf(messages, seqs)))
    .orderBy(messages.seq)
    .prepare('messages')
    .execute({ userId })
  return rows.map(({ message, sender, bodyVersion }) => ({
    message: toMessage(message, sender),
    bodyVersion: bodyVersion ?? 0,
  }))
}

async function publishChange(
  { id: actor }: CurrentUser,
  { message: before, kind, lastSeq, version }: Target,
  message: Message,
  { what, emoji, added, mentioned = [] }: Change,
) {
  const { conversationId, seq } = message
  const isListed = kind !== 'room' && seq === lastSeq && what !== 'reacted'
  const members = isListed ? await listMembers(conversationId) : []
  const isOwnReaction = what === 'reacted' && actor === message.sender.id
  const hadReactions = before.reactions.length + message.reactions.length > 0
  publish(
    event(conversationChannel(conversationId), 'message.changed', {
      message: toShared(message),
      conversationVersion: version,
      actor,
      what,
      emoji,
      added,
    }),
    event(members.map(userChannel), 'conversation.touched', { conversationId, newest: toNewest(message) }),
    ...(await mentionEvents(conversationId, seq, mentioned)),
    ...(hadReactions && !isOwnReaction ? await reactionLineEvents(conversationId, message.sender.id) : []),
  )
}

export async function listMembers(conversationId: string) {
  const rows = await database()
    .select({ id: memberships.userId })
    .from(memberships)
    .where(eq(memberships.conversationId, conversationId))
  return rows.map(({ id }) => id)
}

/**
 * Replaces the text of a message of the person's own.
 * @throws {Refusal} 422, 404, 403 if it is not their own, too old or in a closed conversation, 410 if it was deleted,
 * 409 (with the message) if its text changed since `version`, 429
 */
export async function editMessage(user: CurrentUser, conversationId: string, seq: number, input: unknown) {
  const { body, version } = check(messageEdit, input)
  await spend('send', user)
  return changeMessage(user, conversationId, seq, async (tx, target) => {
    const { message, bodyVersion } = target
    if (message.kind === 'notice' || message.sender.id !== user.id)
      throw new Refusal(403, 'You can edit only your own messages.')
    requireUndeleted(message)
    // Before the other checks: if the answer to an edit was lost, the client repeats it.
    if (body === message.body) return undefined
    if (target.isClosed) throw closed(target.kind)
    if (!isStillEditable(message.createdAt)) throw new Refusal(403, 'A message can be edited for 24 hours.')
    if (typeof version === 'number' && bodyVersion > version)
      throw new Refusal(409, 'This message was edited meanwhile.', { details: { message } })
    const place = { conversationId, seq }
    const writtenAt = new Date(message.editedAt ?? message.createdAt)
    await tx.insert(messageVersions).values({ ...place, version: bodyVersion, body: message.body, writtenAt })
    await tx.update(messages).set({ body }).where(isAt(messages, place))
    const mentioned = await setMentions(tx, { ...place, senderId: user.id, names: mentionNames(body) })
    return { what: 'edited', stored: { bodyVersion: target.version, editedAt: new Date() }, mentioned }
  })
}

/**
 * Deletes a message: its text, earlier versions, reactions and mentions leave the database, and an empty message
 * stays. The person's own messages, all in a group that they own, and for moderators all in rooms.
 * @throws {Refusal} 404, 403, 429
 */
export async function deleteMessage(user: CurrentUser, conversationId: string, seq: number) {
  await spend('send', user)
  return changeMessage(user, conversationId, seq, async (tx, target) => {
    const { message, kind, role } = target
    const isOwn = message.sender.id === user.id || (kind === 'group' && role === 'owner')
    if (message.kind === 'notice' || !(isOwn || (kind === 'room' && isModerator(user))))
      throw new Refusal(403, 'You can delete only your own messages.')
    return isOwn ? removeMessage(tx, target) : moderateMessage(tx, target, user)
  })
}

/**
 * Deletes a message for a moderator who need not be in its conversation. The caller has checked that the message was
 * reported.
 * @throws {Refusal} 404 if it is gone, 429
 */
export async function deleteReportedMessage(user: CurrentUser, conversationId: string, seq: number) {
  await spend('moderate', user)
  await changeMessage(user, conversationId, seq, (tx, target) => moderateMessage(tx, target, user), {
    isOutside: true,
  })
}

async function moderateMessage(tx: Transaction, target: Target, user: CurrentUser) {
  const { conversationId, seq, sender } = target.message
  const change = await removeMessage(tx, target)
  if (change)
    await recordAction(tx, user, 'message-deleted', {
      targetId: sender.id,
      details: { conversationId, seq },
    })
  return change
}

async function removeMessage(tx: Transaction, { message }: Target): Promise<Change | undefined> {
  const { conversationId, seq, deletedAt } = message
  if (deletedAt) return undefined
  return {
    what: 'deleted',
    stored: { deletedAt: new Date(), editedAt: null },
    mentioned: await removeContent(tx, conversationId, [seq]),
  }
}

/**
 * Removes the texts of messages, and the reactions, mentions and links to other messages that belong to them.
 * @returns the ids of the people whom they mentioned
 */
export async function removeContent(tx: Transaction, conversationId: string, seqs: number[]) {
  const isOne = (table: Keyed) => and(eq(table.conversationId, conversationId), hasOneOf(table, seqs))
  await tx.update(messages).set({ body: '' }).where(isOne(messages))
  for (const table of [messageVersions, reactions, replies]) await tx.delete(table).where(isOne(table))
  const removed = await tx.delete(mentions).where(isOne(mentions)).returning({ userId: mentions.userId })
  return [...new Set(removed.map(({ userId }) => userId))]
}

/** @throws {Refusal} 410 */
export function requireUndeleted({ deletedAt }: Message) {
  if (deletedAt) throw new Refusal(410, 'This message was deleted.')
}

type Keyed =
  | typeof messages
  | typeof messageChanges
  | typeof messageVersions
  | typeof reactions
  | typeof replies
  | typeof mentions
const isAt = (table: Keyed, { conversationId, seq }: { conversationId: string; seq: number }) =>
  and(eq(table.conversationId, conversationId), eq(table.seq, seq))

const hasOneOf = (table: Keyed, seqs: number[]) => sql`${table.seq} = any(${sql.param(seqs)}::bigint[])`

/** The earlier texts of a message, the latest first. @throws {Refusal} 404 unless the person is in the conversation */
export async function listVersions(user: CurrentUser, conversationId: string, seq: number) {
  await requireMembership(user, conversationId)
  const rows = await database()
    .select({ body: messageVersions.body, writtenAt: messageVersions.writtenAt })
    .from(messageVersions)
    .where(isAt(messageVersions, { conversationId, seq }))
    .orderBy(desc(messageVersions.version))
  return rows.map(({ body, writtenAt }) => ({ body, writtenAt: writtenAt.toISOString() }))
}
