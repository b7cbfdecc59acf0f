import type { Message, Reaction, SharedMessage } from '@/lib/views'
import type { Events, MessageChanged } from './events'

/**
 * A message of an event for this person: whether they reacted is not in events, so it follows from the people, from
 * what has changed, and where not all people are named, from what was known.
 */
export function ownCopy(
  message: SharedMessage,
  known: { reactions: Pick<Reaction, 'emoji' | 'mine'>[] } | undefined,
  userId: string,
  change?: Pick<MessageChanged, 'actor' | 'emoji' | 'added'>,
): Message {
  const isMine = ({ emoji, count, people }: SharedMessage['reactions'][number]) =>
    change?.actor === userId && change.emoji === emoji
      ? change.added === true
      : people.some(({ id }) => id === userId) ||
        (count > people.length && known?.reactions.find((one) => one.emoji === emoji)?.mine === true)
  return {
    ...message,
    reactions: message.reactions.map((reaction) => ({ ...reaction, mine: isMine(reaction) })),
  }
}

/** The message of a `message.created` event. */
export function createdMessage(
  { conversationVersion, ...message }: Events['message.created'],
  userId: string,
) {
  return ownCopy(message, undefined, userId)
}
