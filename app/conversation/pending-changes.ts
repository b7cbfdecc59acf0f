import type { Change, Pending } from '@/app/browser/outbox'
import type { Message, Reaction } from '@/lib/views'

/** A message as it will be after the changes that are still to be stored. */
export type ShownMessage = Message & { pending?: PendingChanges }
type PendingChanges = {
  isDeleted: boolean
  isEdited: boolean
  /** Reactions that are to be added. */
  emoji: string[]
  /** Why the changes are waiting; undefined while they are being sent. */
  holdUp?: string
}

/** Shows the changes in the outbox that were not refused. The other messages stay the same objects. */
export function showChanges(messages: Message[], changes: Pending[], userId: string): ShownMessage[] {
  const waiting = changes.filter(({ refusal }) => refusal === undefined)
  if (!waiting.length) return messages
  return messages.map((message) => {
    const own = waiting.filter(({ change }) => change?.seq === message.seq)
    if (!own.length || message.deletedAt) return message
    return own.reduce<ShownMessage>(
      (shown, { change, holdUp }) => (change ? apply(shown, change, holdUp, userId) : shown),
      message,
    )
  })
}

function apply(message: ShownMessage, change: Change, holdUp: string | undefined, userId: string) {
  const before = message.pending ?? { isDeleted: false, isEdited: false, emoji: [] }
  const pending = { ...before, holdUp: before.holdUp ?? holdUp }
  switch (change.what) {
    case 'edit':
      return { ...message, body: change.body, pending: { ...pending, isEdited: true } }
    case 'delete':
      return { ...message, pending: { ...pending, isDeleted: true } }
    case 'react': {
      const { emoji, added } = change
      const others = before.emoji.filter((one) => one !== emoji)
      return {
        ...message,
        reactions: setOwn(message.reactions, emoji, added, userId),
        pending: { ...pending, emoji: added ? [...others, emoji] : others },
      }
    }
  }
}

/** The reactions after the person's own with `emoji` was added or removed. */
function setOwn(reactions: Reaction[], emoji: string, added: boolean, userId: string): Reaction[] {
  const known = reactions.find((one) => one.emoji === emoji)
  if ((known?.mine ?? false) === added) return reactions
  const self = { id: userId, username: '', name: 'You' }
  if (!known) return [...reactions, { emoji, count: 1, people: [self], mine: true }]
  const others = known.people.filter(({ id }) => id !== userId)
  const changed = {
    emoji,
    count: known.count + (added ? 1 : -1),
    people: added ? [...others, self] : others,
    mine: added,
  }
  return reactions.flatMap((one) => (one !== known ? one : changed.count ? changed : []))
}
