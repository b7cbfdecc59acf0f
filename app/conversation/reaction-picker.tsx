import { type FormEvent, useEffect, useRef, useState } from 'react'
import { toEmoji } from '@/lib/emoji'
import type { Message } from '@/lib/views'
import { quickEmoji } from './quick-emoji'

type ReactionPickerProps = {
  message: Pick<Message, 'seq' | 'reactions'>
  choose: (emoji: string, added: boolean) => void
  close: () => void
}

/** A few emoji, and a field for any other: beside the message, on phones at the bottom edge. */
export function ReactionPicker({ message: { seq, reactions }, choose, close }: ReactionPickerProps) {
  const popover = useRef<HTMLDivElement>(null)
  const [error, setError] = useState<string>()
  useEffect(() => {
    const { current } = popover
    if (!current) return
    current.showPopover()
    place(current, document.querySelector(`#m${seq} > .message`))
    current.querySelector('button')?.focus()
  }, [seq])

  function pick(emoji: string, added: boolean) {
    choose(emoji, added)
    // Gives the focus back, and then `onToggle` closes it.
    popover.current?.hidePopover()
  }
  function pickTyped(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const emoji = toEmoji(String(new FormData(event.currentTarget).get('emoji')).trim())
    if (emoji) pick(emoji, true)
    else setError('Use exactly one emoji.')
  }
  return (
    <div
      ref={popover}
      popover="auto"
      role="dialog"
      aria-label="React"
      onToggle={({ newState }) => newState === 'closed' && close()}
      className="appear bg-raised border-line text-ink inset-auto gap-2 rounded-xl border p-2 shadow-lg open:grid max-md:inset-x-0 max-md:bottom-0 max-md:w-full max-md:rounded-b-none"
    >
      <div className="flex justify-between gap-1">
        {quickEmoji.map((emoji) => {
          const isOwn = reactions.some((one) => one.emoji === emoji && one.mine)
          return (
            <button
              key={emoji}
              type="button"
              aria-label={`${isOwn ? 'Remove' : 'React with'} ${emoji}`}
              onClick={() => pick(emoji, !isOwn)}
              className={`hover:bg-wash size-11 cursor-pointer rounded-lg text-xl ${isOwn ? 'bg-own' : ''}`}
            >
              {emoji}
            </button>
          )
        })}
      </div>
      <form onSubmit={pickTyped} className="grid gap-1">
        <div className="flex gap-2">
          <input
            name="emoji"
            aria-label="Another emoji"
            placeholder="Another emoji"
            autoComplete="off"
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? 'emoji-error' : undefined}
            className="input min-w-0"
          />
          <button type="submit" className="button">
            React
          </button>
        </div>
        {error && (
          <p id="emoji-error" role="alert" className="text-danger text-sm">
            {error}
          </p>
        )}
      </form>
    </div>
  )
}

const gap = 4

/** Puts it above the message, or below its first lines if there is no space. On phones its class places it. */
function place(popover: HTMLElement, message: Element | null) {
  if (!message || matchMedia('(width < 48rem)').matches) return
  const { width, height } = popover.getBoundingClientRect()
  const { left, top, bottom } = message.getBoundingClientRect()
  const above = top - gap - height
  const below = Math.min(bottom + gap, innerHeight - height - gap)
  popover.style.left = `${Math.max(gap, Math.min(left, innerWidth - width - gap))}px`
  popover.style.top = `${above > gap ? above : below}px`
}
