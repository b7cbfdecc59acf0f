import 'server-only'
import { and, eq, inArray } from 'drizzle-orm'
import { database } from '@/db/connection'
import { isAmong } from '@/db/is-among'
import { reactions, users } from '@/db/schema'
import type { KnownChange } from './known-changes'
import type { MessageChanged } from './realtime/events'
import { ownCopy } from './realtime/own-copy'
import { personColumns, toPerson } from './users'
import type { Message, Person } from './views'

/** What an event does not contain: who its actor is, and which readers reacted, as `<emoji> <user id>`. */
type Looked = { actor?: Person; reacted: Set<string> }

/** By event: all streams of the process receive the same object, and so share its queries. */
const lookups = new WeakMap<MessageChanged, Promise<Looked>>()

/**
 * An event's message as this reader sees it, and what has changed.
 * @param readers the ids of all readers who receive this event
 */
export async function readChange(
  event: MessageChanged,
  userId: string,
  readers: () => string[],
): Promise<{ message: Message; changes: KnownChange[] }> {
  const lookup = lookups.get(event) ?? lookUp(event, readers())
  lookups.set(event, lookup)
  const { actor, reacted } = await lookup
  const { what, emoji, added } = event
  const mine = longReactions(event).map(({ emoji }) => ({ emoji, mine: reacted.has(`${emoji} ${userId}`) }))
  const message = ownCopy(event.message, { reactions: mine }, userId, event)
  return { message, changes: [{ what, actor, emoji, added }] }
}

async function lookUp(event: MessageChanged, readers: string[]): Promise<Looked> {
  const [actor, reacted] = await Promise.all([findActor(event), findReacted(event, readers)])
  return { actor, reacted }
}

async function findActor({ actor, message: { sender, reactions } }: MessageChanged) {
  const named = [sender, ...reactions.flatMap(({ people }) => people)].find(({ id }) => id === actor)
  if (named) return named
  const [row] = await database().select(personColumns(users)).from(users).where(eq(users.id, actor))
  return row && toPerson(row)
}

/** The reactions of which the event names only the first people. */
const longReactions = ({ message }: MessageChanged) =>
  message.reactions.filter(({ count, people }) => count > people.length)

async function findReacted(event: MessageChanged, readers: string[]) {
  const emojis = longReactions(event).map(({ emoji }) => emoji)
  if (!emojis.length) return new Set<string>()
  const { conversationId, seq } = event.message
  const rows = await database()
    .select({ emoji: reactions.emoji, userId: reactions.userId })
    .from(reactions)
    .where(
      and(
        eq(reactions.conversationId, conversationId),
        eq(reactions.seq, seq),
        inArray(reactions.emoji, emojis),
        isAmong(reactions.userId, readers),
      ),
    )
  return new Set(rows.map(({ emoji, userId }) => `${emoji} ${userId}`))
}
