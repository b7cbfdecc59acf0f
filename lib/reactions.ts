import 'server-only'
import { and, eq, sql } from 'drizzle-orm'
import { reactions } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { toEmoji } from './emoji'
import { invalid, Refusal } from './errors'
import { spend } from './limits'
import { changeMessage, requireUndeleted } from './message-changes'
import { closed } from './pairs'
import type { Message } from './views'

/** The most kinds of reactions to one message, and the most of one person. */
const mostKinds = 20
const mostOfPerson = 3

/**
 * Adds a person's reaction to a message, or removes it. Nothing changes if it is there already, or not there.
 * @throws {Refusal} 422 if it is not one emoji, or for a notice, 404, 410 if the message was deleted, 403 if the
 * conversation is closed, 409 if there are too many kinds, 429
 */
export async function setReaction(
  user: CurrentUser,
  conversationId: string,
  seq: number,
  text: string,
  added: boolean,
) {
  const emoji = toEmoji(text)
  if (!emoji) throw invalid({ emoji: 'Use exactly one emoji.' })
  await spend('react', user)
  return changeMessage(user, conversationId, seq, async (tx, { message, kind, isClosed, version }) => {
    if (message.kind === 'notice') throw invalid({ emoji: 'Nobody can react to a notice.' })
    requireUndeleted(message)
    if (isClosed) throw closed(kind)
    const isThere = message.reactions.some((one) => one.emoji === emoji && one.mine)
    if (isThere === added) return undefined
    const reaction = { conversationId, seq, emoji, userId: user.id }
    if (added) {
      requirePlace(message, emoji)
      // The time after waiting for the lock, so that it is later than that of the newest message.
      await tx.insert(reactions).values({ ...reaction, version, createdAt: sql`clock_timestamp()` })
    } else
      await tx
        .delete(reactions)
        .where(
          and(
            eq(reactions.conversationId, conversationId),
            eq(reactions.seq, seq),
            eq(reactions.emoji, emoji),
            eq(reactions.userId, user.id),
          ),
        )
    return { what: 'reacted', emoji, added }
  })
}

/** @throws {Refusal} 409 */
function requirePlace({ reactions }: Message, emoji: string) {
  if (reactions.filter(({ mine }) => mine).length >= mostOfPerson)
    throw new Refusal(409, `You can react to a message with ${mostOfPerson} emoji. Remove one first.`)
  const isNewKind = reactions.every((one) => one.emoji !== emoji)
  if (isNewKind && reactions.length >= mostKinds)
    throw new Refusal(409, `This message has ${mostKinds} kinds of reactions already. Choose one of them.`)
}
