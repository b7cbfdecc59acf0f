import 'server-only'
import type { Message, Person } from './views'

/** What is known of a change. `actor` is undefined if somebody else than the sender may have deleted the message. */
export type KnownChange = {
  what: 'edited' | 'deleted' | 'reacted'
  actor?: Person
  emoji?: string
  added?: boolean
}

/**
 * What a message that has changed shows of its changes: not which of them are new, and no reactions that were
 * removed.
 */
export function changesShownBy({ sender, editedAt, deletedAt, reactions }: Message): KnownChange[] {
  if (deletedAt) return [{ what: 'deleted' }]
  const edited: KnownChange[] = editedAt ? [{ what: 'edited', actor: sender }] : []
  const reacted = reactions.flatMap(({ emoji, people }) =>
    people.map((actor): KnownChange => ({ what: 'reacted', actor, emoji, added: true })),
  )
  return [...edited, ...reacted]
}

/** A change as a line of text, with usernames. */
export function changeLine(
  { what, actor, emoji, added }: KnownChange,
  { sender, body }: Message,
  time: string,
) {
  const name = actor?.username
  if (what === 'edited') return `${name} edited ${time}: ${body}`
  const its = `${sender.username}'s message of ${time}`
  if (what === 'deleted') return name ? `${name} deleted a message of ${time}` : `${its} was deleted`
  return added ? `${name} ${emoji} ${its}` : `${name} removed ${emoji} from ${its}`
}
