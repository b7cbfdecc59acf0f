import Link from 'next/link'
import type { ConversationView } from '@/lib/conversations'
import { Avatar } from './avatar'
import { PersonName } from './person-name'
import { Count } from './shell'
import { Time } from './time'

type ConversationListProps = {
  conversations: ConversationView[]
  userId: string
  openId?: string
  className: string
}

/** Every conversation, the latest first, with its newest line and what is unread. */
export function ConversationList({ conversations, userId, openId, className }: ConversationListProps) {
  return (
    <nav aria-labelledby="conversations" className={className}>
      <h2 id="conversations" className="text-muted px-4 pt-2 pb-1 text-sm font-semibold">
        Conversations
      </h2>
      {conversations.length === 0 && (
        <p className="text-muted p-4 pt-1">
          None yet. Find somebody among the{' '}
          <Link href="/people" prefetch={false} className="link">
            people
          </Link>
          , and invite them.
        </p>
      )}
      <ul className="p-2 pt-0">
        {conversations.map((conversation) => (
          <li key={conversation.id}>
            <Entry
              conversation={conversation}
              userId={userId}
              isOpen={conversation.id === openId}
              now={Date.now()}
            />
          </li>
        ))}
      </ul>
    </nav>
  )
}

type EntryProps = { conversation: ConversationView; userId: string; isOpen: boolean; now: number }

function Entry({
  conversation: { id, kind, name, people, newest, lastSeq, lastReadSeq },
  userId,
  isOpen,
  now,
}: EntryProps) {
  const other = kind === 'room' ? undefined : people.find((person) => person.id !== userId)
  const unread = lastSeq - lastReadSeq
  const isUnread = unread > 0 && !isOpen
  return (
    <Link
      href={kind === 'room' ? `/room/${name}` : `/c/${id}`}
      prefetch={false}
      aria-current={isOpen ? 'page' : undefined}
      className="hover:bg-wash aria-[current]:bg-wash flex min-h-14 items-center gap-3 rounded-lg px-2 py-1.5"
    >
      <Avatar id={other?.id ?? id} name={name} status={other?.status} />
      <span className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)]">
        <span className="flex items-baseline justify-between gap-2">
          <span className="min-w-0 font-semibold">{other ? <PersonName of={other} /> : name}</span>
          {newest && (
            <span className="text-muted shrink-0 text-sm">
              <Time at={newest.createdAt} as="short" now={now} />
            </span>
          )}
        </span>
        <span className="flex items-center justify-between gap-2">
          <span className={`truncate text-sm ${isUnread ? 'font-semibold' : 'text-muted'}`}>
            {newest ? `${newest.sender.id === userId ? 'You: ' : ''}${newest.body}` : 'Nothing said yet'}
          </span>
          {isUnread && (
            <span>
              <Count>{unread}</Count>
              <span className="sr-only"> unread</span>
            </span>
          )}
        </span>
      </span>
    </Link>
  )
}
