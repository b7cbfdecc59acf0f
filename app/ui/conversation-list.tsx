import Link from 'next/link'
import { memo } from 'react'
import { listConversations, reactionIn, unreadOf } from '@/app/browser/state'
import { useIsHidden, useSelected, useStatusOf, useStore } from '@/app/browser/store-context'
import { blockedText, isBlocked } from '@/app/conversation/blocked-message'
import { pathOf } from '@/app/conversation/permalink'
import type { ConversationView, User } from '@/lib/views'
import { Avatar } from './avatar'
import { Count } from './count'
import { MoreConversations } from './more-conversations'
import { PersonName } from './person-name'
import { Time } from './time'

type ConversationListProps = {
  /** The path of the page that is open. */
  path: string
  isGuest: boolean
  className: string
}

/** The loaded conversations, the latest first, each with its newest message and its unread count. */
export function ConversationList({ path, isGuest, className }: ConversationListProps) {
  const conversations = useSelected((state) => state.conversations)
  const { userId } = useStore()
  const isHidden = useIsHidden()
  const listed = listConversations({ conversations })
  const isOpen = (one: ConversationView) => pathOf(one).toLowerCase() === path.toLowerCase()
  return (
    <nav aria-labelledby="conversations" className={className}>
      <div className="flex items-center justify-between pr-2 pl-4">
        <h2 id="conversations" className="text-muted text-sm font-semibold">
          Conversations
        </h2>
        <div className="flex">
          <Link href="/mentions" prefetch={false} className="button button-quiet px-2 text-sm">
            Mentions
          </Link>
          {!isGuest && (
            <Link href="/groups/new" prefetch={false} className="button button-quiet px-2 text-sm">
              New group
            </Link>
          )}
        </div>
      </div>
      {listed.length === 0 && (
        <p className="text-muted p-4 pt-1">
          None yet.{' '}
          <Link href={isGuest ? '/rooms' : '/people'} prefetch={false} className="link">
            {isGuest ? 'Join a room' : 'Find someone to invite'}
          </Link>
        </p>
      )}
      <ul className="p-2 pt-0">
        {listed.map((conversation) => (
          <li key={conversation.id}>
            <ConversationEntry
              conversation={conversation}
              userId={userId}
              isOpen={isOpen(conversation)}
              isBeingRead={isOpen(conversation) && !isHidden}
            />
          </li>
        ))}
      </ul>
      <MoreConversations />
    </nav>
  )
}

type EntryProps = {
  conversation: ConversationView
  userId: string
  isOpen?: boolean
  isBeingRead?: boolean
}

/** Memoized, because there may be hundreds of them, and each message changes one. */
export const ConversationEntry = memo(function ConversationEntry({
  conversation,
  userId,
  isOpen,
  isBeingRead,
}: EntryProps) {
  const { id, kind, name, people, newest, mentions } = conversation
  const unread = isBeingRead ? 0 : unreadOf(conversation)
  const other = kind === 'direct' ? people.find((person) => person.id !== userId) : undefined
  return (
    <Link
      href={pathOf(conversation)}
      prefetch={false}
      aria-current={isOpen ? 'page' : undefined}
      className="hover:bg-wash aria-[current]:bg-wash flex min-h-14 items-center gap-3 rounded-lg px-2 py-1.5"
    >
      {other ? <LiveAvatar of={other} /> : <Avatar id={id} name={name} />}
      <span className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)]">
        <span className="flex items-baseline justify-between gap-2">
          <span className="min-w-0 font-semibold">{other ? <PersonName of={other} /> : name}</span>
          {newest && (
            <span className="text-muted shrink-0 text-sm">
              <Time at={newest.createdAt} />
            </span>
          )}
        </span>
        <span className="flex items-center justify-between gap-2">
          <span className={`truncate text-sm ${unread ? 'font-semibold' : 'text-muted'}`}>
            {lineOf(conversation, userId)}
          </span>
          {unread > 0 && (
            <span className="flex shrink-0 items-center gap-1">
              {mentions > 0 && (
                <span className="text-accent font-semibold">
                  <span aria-hidden>@</span>
                  <span className="sr-only">mentions you, </span>
                </span>
              )}
              <Count>{unread}</Count>
              <span className="sr-only"> unread</span>
            </span>
          )}
        </span>
      </span>
    </Link>
  )
})

/** The newest message, or a reaction to one of the person's own that came after it. */
function lineOf(conversation: ConversationView, userId: string) {
  const { newest } = conversation
  const reaction = reactionIn(conversation)
  if (reaction) return `${reaction.person.name} ${reaction.emoji} ${reaction.excerpt}`
  if (!newest) return conversation.lastSeq ? 'No messages' : 'No messages yet'
  if (isBlocked(newest, conversation.blocked)) return blockedText
  if (newest.deletedAt) return 'Message deleted'
  return newest.sender.id === userId && newest.kind === 'said' ? `You: ${newest.body}` : newest.body
}

const LiveAvatar = ({ of }: { of: User }) => <Avatar {...useStatusOf(of)} />
