import { changesShownBy, type KnownChange } from '@/lib/known-changes'
import type { Message } from '@/lib/views'

/** How many messages are kept. */
const most = 500

/** The latest messages that were shown, to tell what a change has changed. */
export class ShownMessages {
  readonly #bySeq = new Map<number, Message>()

  add(message: Message) {
    this.#bySeq.set(message.seq, message)
    const [oldest = 0] = this.#bySeq.keys()
    if (this.#bySeq.size > most) this.#bySeq.delete(oldest)
  }

  /** What a message's new copy has changed, as far as that is known. */
  change(message: Message): KnownChange[] {
    const known = this.#bySeq.get(message.seq)
    if (known) this.#bySeq.set(message.seq, message)
    return known && !message.deletedAt ? compare(known, message) : changesShownBy(message)
  }
}

function compare(before: Message, now: Message): KnownChange[] {
  const edited: KnownChange[] = now.body === before.body ? [] : [{ what: 'edited', actor: now.sender }]
  return [...edited, ...reactionsAdded(before, now, true), ...reactionsAdded(now, before, false)]
}

/** The reactions in `now` that `before` does not have. Those with too many people to name are left out. */
function reactionsAdded(before: Message, now: Message, added: boolean): KnownChange[] {
  return now.reactions.flatMap((reaction) => {
    const { emoji, people } = reaction
    const earlier = before.reactions.find((one) => one.emoji === emoji)
    if (!isWhole(reaction) || (earlier && !isWhole(earlier))) return []
    const known = new Set(earlier?.people.map(({ id }) => id))
    return people
      .filter(({ id }) => !known.has(id))
      .map((actor) => ({ what: 'reacted' as const, actor, emoji, added }))
  })
}

const isWhole = ({ count, people }: Message['reactions'][number]) => count === people.length
