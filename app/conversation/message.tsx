import { memo, type ReactNode } from 'react'
import { Avatar } from '@/app/ui/avatar'
import { Clock, formatTime } from '@/app/ui/clock'
import { fullName, PersonName } from '@/app/ui/person-name'
import type { Message as MessageView } from '@/lib/views'
import { Body } from './body/body'
import type { ShownMessage } from './pending-changes'
import { messagePath, permalink, replyLink } from './permalink'
import type { Progress } from './progress'
import { Quote } from './quote'
import { Reactions, type SetReaction } from './reactions'
import { WaitingNote } from './waiting-note'

const togetherMs = 5 * 60 * 1000

/** Whether `next` is shown without its own name and time. */
export const standTogether = (one: MessageView, next: MessageView) =>
  one.kind === next.kind &&
  one.sender.id === next.sender.id &&
  !one.deletedAt &&
  Date.parse(next.createdAt) - Date.parse(one.createdAt) < togetherMs

const ticks: Record<string, string> = { Sent: '✓', Delivered: '✓✓', Read: '✓✓' }

type MessageProps = {
  message: ShownMessage
  /** The reader's id. */
  userId: string
  /** The names in the text that are mentions, separated by spaces. */
  mentioned?: string
  /** The reader's username, as mentions show it. */
  ownName?: string
  /** The path of the conversation's page. Without it nothing is a link. */
  path?: string
  setReaction?: SetReaction
  /** Whether the conversation is open, so that messages can be answered. */
  canReply?: boolean
  /** Whether it has links to answer it and to its page, without JavaScript. */
  hasLinks?: boolean
  isOwn: boolean
  /** Whether the message stands at the right: the person's own in a direct conversation. */
  isAside: boolean
  /** The reader's time zone; UTC without one. */
  zone?: string
  /** The first of several messages by one person within five minutes. */
  isFirst: boolean
  progress?: Progress
  /** Shown instead of the text, to edit it. */
  editor?: ReactNode
}

/**
 * The only template of a message: for pages, their scripts and the live page. Its links are no tab stops, because the
 * message is one: the arrow keys lead to them (message-actions.tsx).
 */
export const Message = memo(function Message({
  message,
  userId,
  mentioned,
  ownName,
  path,
  setReaction,
  canReply,
  hasLinks,
  isOwn,
  isAside,
  isFirst,
  progress,
  zone,
  editor,
}: MessageProps) {
  const { seq, sender, body, createdAt, editedAt, replyTo, pending } = message
  const isFaint = pending?.isEdited || pending?.isDeleted
  const isMentioned = message.mentions.includes(userId)
  const names = { mentioned, ownName: isMentioned ? ownName : undefined }
  const hasMore = replyTo !== null || editedAt !== null
  const edited = editedAt && <Edited at={editedAt} path={path} seq={seq} zone={zone} />
  return (
    <li
      id={`m${seq}`}
      data-seq={seq}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: each message is a tab stop, to read them one by one
      tabIndex={0}
      className={`flex gap-2 px-4 ${isFirst ? 'pt-3' : 'pt-0.5'} ${isAside ? 'flex-row-reverse' : ''}`}
    >
      {!isAside && (
        <span className="w-8 shrink-0">
          {isFirst && <Avatar id={sender.id} name={sender.name} size="small" />}
        </span>
      )}
      <div
        className={`message grid min-w-0 grid-cols-[minmax(0,auto)] ${isAside ? 'justify-items-end' : 'justify-items-start'}`}
      >
        <p className={isFirst ? 'text-muted text-sm' : 'sr-only'}>
          <span className={isAside ? 'sr-only' : 'text-ink font-semibold'}>
            {isOwn ? 'You' : <PersonName of={sender} />}
          </span>{' '}
          <a href={path && permalink(path, seq)} tabIndex={-1} className="hover:underline">
            <Clock at={createdAt} zone={zone} />
          </a>
          {isFirst && edited && <> · {edited}</>}
        </p>
        {editor ?? (
          <div
            className={`max-w-full rounded-2xl px-3 py-1.5 whitespace-pre-wrap ${isOwn ? 'bg-own' : 'bg-raised border-line border'} ${isFaint ? 'opacity-75' : ''} ${isMentioned ? 'border-l-accent border-l-3' : ''}`}
          >
            {replyTo && (
              <a href={path && permalink(path, replyTo.seq)} data-quote tabIndex={-1} className="mb-1 block">
                <Quote of={replyTo} />
              </a>
            )}
            {hasMore ? (
              <div>
                <Body text={body} {...names} />
              </div>
            ) : (
              <Body text={body} {...names} />
            )}
            {!isFirst && edited && <span className="text-muted block text-right text-sm">{edited}</span>}
          </div>
        )}
        <WaitingNote pending={pending} />
        <Reactions message={message} userId={userId} path={path} setReaction={setReaction} />
        {progress && (
          <span className={`text-sm ${progress === 'Read' ? 'text-accent' : 'text-muted'}`}>
            <span aria-hidden>{ticks[progress]}</span>
            <span className={ticks[progress] && 'sr-only'}>{progress}</span>
          </span>
        )}
      </div>
      {path && hasLinks && (
        // With JavaScript, message-actions.tsx shows what can be done with a message.
        <noscript>
          <span className="message-links">
            {canReply && <a href={replyLink(path, seq)}>Reply</a>}
            <a href={messagePath(path, seq)}>More</a>
          </span>
        </noscript>
      )}
    </li>
  )
})

type EditedProps = { at: string; path?: string; seq: number; zone?: string }

/** Leads to the message's earlier versions. */
const Edited = ({ at, path, seq, zone }: EditedProps) => (
  <a
    href={path && `${messagePath(path, seq)}/versions`}
    title={formatTime(at, zone, 'full')}
    tabIndex={-1}
    className="hover:underline"
  >
    edited
  </a>
)

type DeletedProps = { messages: MessageView[]; isAside: boolean }

/** Deleted messages that stand together, as one line. */
export const Deleted = ({ messages, isAside }: DeletedProps) => (
  <li
    data-seq={messages[0]?.seq}
    // biome-ignore lint/a11y/noNoninteractiveTabindex: as other messages
    tabIndex={0}
    className={`text-muted flex px-4 pt-2 text-sm ${isAside ? 'justify-end' : 'pl-14'}`}
  >
    {messages.map(({ seq }) => (
      <span key={seq} id={`m${seq}`} />
    ))}
    {messages.length > 1 ? (
      `${messages.length} messages deleted`
    ) : (
      <>
        <span className="sr-only">{messages[0] && fullName(messages[0].sender)}: </span>Message deleted
      </>
    )}
  </li>
)
