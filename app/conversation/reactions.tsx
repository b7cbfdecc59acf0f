import type { Reaction } from '@/lib/views'
import type { ShownMessage } from './pending-changes'

/** Adds a reaction of the person's own to a message, or removes it. */
export type SetReaction = (seq: number, emoji: string, added: boolean) => void

type ReactionsProps = {
  message: ShownMessage
  /** The reader's id. */
  userId: string
  /** The path of the conversation's page. Without it nothing is a link. */
  path?: string
  /** Makes the reactions buttons. Without it they lead to the message's page. */
  setReaction?: SetReaction
}

/** The reactions under a message. They are no tab stops, because the message is one. */
export function Reactions({
  message: { seq, reactions, pending },
  userId,
  path,
  setReaction,
}: ReactionsProps) {
  if (!reactions.length) return null
  return (
    <div className="flex flex-wrap gap-1 pt-1">
      {reactions.map((reaction) => {
        const { emoji, mine } = reaction
        const names = namesOf(reaction, userId)
        const isPending = pending?.emoji.includes(emoji)
        const shared = {
          title: names,
          tabIndex: -1,
          'data-emoji': emoji,
          className: `${pill} ${mine ? 'bg-own border-accent' : 'bg-raised border-line'} ${isPending ? 'opacity-75' : ''}`,
          children: <Label of={reaction} names={isPending ? `${names}. Waiting to be sent` : names} />,
        }
        return setReaction ? (
          <button
            key={emoji}
            type="button"
            aria-pressed={mine}
            onClick={() => setReaction(seq, emoji, !mine)}
            {...shared}
          />
        ) : (
          <a key={emoji} href={path && `${path}/m/${seq}`} {...shared} />
        )
      })}
    </div>
  )
}

// 24 px high; on phones the area that reacts to touch is 44 px high.
const pill =
  'relative inline-flex h-6 min-w-11 cursor-pointer items-center justify-center rounded-full border px-2 text-sm after:absolute after:inset-x-0 after:-inset-y-2.5 md:min-w-9 md:after:hidden'

const Label = ({ of: { emoji, count }, names }: { of: Reaction; names: string }) => (
  <>
    <span aria-hidden>
      {emoji}
      {count > 1 && ` ${count}`}
    </span>
    <span className="sr-only">
      {emoji} {names}
    </span>
  </>
)

/** Who reacted, the reader first. */
export function namesOf({ count, people, mine }: Reaction, userId: string) {
  const others = people.filter(({ id }) => id !== userId).map(({ name }) => name)
  const names = [...(mine ? ['You'] : []), ...others]
  const more = count - names.length
  return [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}
