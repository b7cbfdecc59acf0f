import { Fragment, memo } from 'react'
import { Avatar } from '@/app/ui/avatar'
import { Clock } from '@/app/ui/clock'
import { PersonName } from '@/app/ui/person-name'
import type { Message as MessageView } from '@/lib/views'
import type { ShownMessage } from './pending-changes'
import type { Progress } from './progress'
import { Reactions, type SetReaction } from './reactions'
import { WaitingNote } from './waiting-note'

const togetherMs = 5 * 60 * 1000

/** Whether `next` is shown without its own name and time. */
export const standTogether = (one: MessageView, next: MessageView) =>
  one.kind === next.kind &&
  one.sender.id === next.sender.id &&
  Date.parse(next.createdAt) - Date.parse(one.createdAt) < togetherMs

const ticks: Record<string, string> = { Sent: '✓', Delivered: '✓✓', Read: '✓✓' }

type MessageProps = {
  message: ShownMessage
  /** The reader's id. */
  userId: string
  /** The path of the conversation's page; none on the live page, which is a frame. */
  path?: string
  setReaction?: SetReaction
  isOwn: boolean
  /** Whether the message stands at the right: the person's own in a direct conversation. */
  isAside: boolean
  /** The reader's time zone; UTC without one. */
  zone?: string
  /** The first of several messages by one person within five minutes. */
  isFirst: boolean
  progress?: Progress
}

/** The only template of a message: for pages, their scripts and the live page. */
export const Message = memo(function Message({
  message,
  userId,
  path,
  setReaction,
  isOwn,
  isAside,
  isFirst,
  progress,
  zone,
}: MessageProps) {
  const { seq, sender, body, createdAt, pending } = message
  const isFaint = pending?.isEdited || pending?.isDeleted
  return (
    <li
      data-seq={seq}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: each message is a tab stop, to read them one by one
      tabIndex={0}
      className={`flex gap-2 px-4 ${isFirst ? 'pt-3' : 'pt-0.5'} ${isAside ? 'justify-end' : ''}`}
    >
      {!isAside && (
        <span className="w-8 shrink-0">
          {isFirst && <Avatar id={sender.id} name={sender.name} size="small" />}
        </span>
      )}
      <div className={`grid max-w-[min(68ch,85%)] ${isAside ? 'justify-items-end' : 'justify-items-start'}`}>
        <p className={isFirst ? 'text-muted text-sm' : 'sr-only'}>
          <span className={isAside ? 'sr-only' : 'text-ink font-semibold'}>
            {isOwn ? 'You' : <PersonName of={sender} />}
          </span>{' '}
          <Clock at={createdAt} zone={zone} />
        </p>
        <div
          className={`rounded-2xl px-3 py-1.5 whitespace-pre-wrap ${isOwn ? 'bg-own' : 'bg-raised border-line border'} ${isFaint ? 'opacity-60' : ''}`}
        >
          <Body text={body} />
        </div>
        <WaitingNote pending={pending} />
        <Reactions message={message} userId={userId} path={path} setReaction={setReaction} />
        {progress && (
          <span className={`text-sm ${progress === 'Read' ? 'text-accent' : 'text-muted'}`}>
            <span aria-hidden>{ticks[progress]}</span>
            <span className={ticks[progress] && 'sr-only'}>{progress}</span>
          </span>
        )}
      </div>
    </li>
  )
})

// Up to white space, without punctuation at the end.
const address = /(https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}])/gi

/** Plain text with clickable addresses. Nothing in it is markup. */
export function Body({ text }: { text: string }) {
  return text.split(address).map((part, index) =>
    // Every second part is an address that split() captured.
    index % 2 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
      <a key={index} href={part} rel="noopener noreferrer nofollow" target="_blank" className="link">
        {part}
      </a>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
      <Fragment key={index}>{part}</Fragment>
    ),
  )
}
