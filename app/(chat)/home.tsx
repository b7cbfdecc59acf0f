'use client'

import Link from 'next/link'
import { listConversations, listUnreadOthers, unreadOf } from '@/app/browser/state'
import { useInvitations, useSelected, useStore } from '@/app/browser/store-context'
import { Avatar } from '@/app/ui/avatar'
import { ConversationEntry } from '@/app/ui/conversation-list'
import { upTo99 } from '@/app/ui/count'
import { PersonName } from '@/app/ui/person-name'
import { Section } from '@/app/ui/section'
import { laterStatus } from '@/lib/realtime/events'
import type { OnlinePerson, Status, User } from '@/lib/views'
import { ReceivedRow } from './invitations/rows'
import { Relation } from './people/relation'
import { useStatuses } from './people/use-statuses'

const mostUnread = 8
const mostInvitations = 8
const mostPeople = 12

const useLoaded = () => useSelected(({ conversations }) => conversations)
const useConversations = () => listConversations({ conversations: useLoaded() })

/** Unread conversations and invitations to answer; or what to do first. */
export function News({ isGuest }: { isGuest: boolean }) {
  const conversations = useConversations()
  const unread = conversations.filter((one) => unreadOf(one) > 0).slice(0, mostUnread)
  const [other] = listUnreadOthers({
    conversations: useLoaded(),
    unread: useSelected((state) => state.unread),
  })
  const { received } = useInvitations()
  const { userId } = useStore()
  if (!unread.length && !other && !received.length)
    return conversations.length ? (
      <p className="text-muted">You’re all caught up.</p>
    ) : (
      <FirstSteps isGuest={isGuest} />
    )
  return (
    <>
      {unread.length > 0 && (
        // A phone shows every conversation above.
        <Section title="Unread" className="max-md:hidden">
          <ul className="-mx-2">
            {unread.map((conversation) => (
              <li key={conversation.id}>
                <ConversationEntry conversation={conversation} userId={userId} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      {other && (
        <p>
          You have unread messages in other conversations.{' '}
          <Link href={`/c/${other}`} prefetch={false} className="link">
            Read them
          </Link>
        </p>
      )}
      {received.length > 0 && (
        <Section
          title={
            received.length === 1
              ? 'You have an invitation'
              : `You have ${upTo99(received.length)} invitations`
          }
        >
          <ul className="divide-line divide-y">
            {received.slice(0, mostInvitations).map((invitation) => (
              <ReceivedRow key={invitation.id} invitation={invitation} />
            ))}
          </ul>
          {received.length > mostInvitations && (
            <Link href="/invitations" prefetch={false} className="link">
              All invitations
            </Link>
          )}
        </Section>
      )}
    </>
  )
}

const FirstSteps = ({ isGuest }: { isGuest: boolean }) => (
  <div className="grid gap-4">
    <p className="text-muted max-w-[48ch]">
      {isGuest
        ? 'Chat in a room: everyone who is signed in can join. To invite someone, set a password first.'
        : 'Invite someone: once they accept, the two of you can talk. Or chat in a room with everyone.'}
    </p>
    <p className="flex flex-wrap gap-3">
      {isGuest ? (
        <Link href="/settings" prefetch={false} className="button">
          Set a password
        </Link>
      ) : (
        <Link href="/people" prefetch={false} className="button button-primary">
          Find someone
        </Link>
      )}
      <Link href="/room/lobby" prefetch={false} className={`button ${isGuest ? 'button-primary' : ''}`}>
        Open the lobby
      </Link>
    </p>
  </div>
)

/**
 * People who are online: those with whom the reader has a conversation, and others. `others` were online when the
 * page was rendered.
 */
export function OnlineNow({ others }: { others: OnlinePerson[] }) {
  useStatuses(others)
  const { userId } = useStore()
  const statuses = useSelected(({ people }) => people)
  const partners = useConversations()
    .filter(({ kind, isClosed }) => kind === 'direct' && !isClosed)
    .flatMap(({ people }) => people.filter(({ id }) => id !== userId))
  const inviters = useInvitations().received.map(({ inviter }) => inviter.id)
  const isOnline = (person: User) =>
    laterStatus<Status>(statuses[person.id] ?? person, person).status === 'online'
  const people = new Map([...partners, ...others].filter(isOnline).map((person) => [person.id, person]))
  // Their invitations stand above.
  for (const id of inviters) people.delete(id)
  return (
    <Section title="Online now">
      {people.size === 0 && <p className="text-muted">Nobody else is online.</p>}
      <ul className="divide-line divide-y">
        {[...people.values()].slice(0, mostPeople).map((person) => (
          <li key={person.id} className="flex flex-wrap items-center gap-3 py-2">
            <Avatar {...person} status="online" size="small" />
            <span className="min-w-0 flex-1 basis-24">
              <PersonName of={person} />
            </span>
            <div className="flex flex-wrap items-center justify-end gap-2">
              <Relation person={person} />
            </div>
          </li>
        ))}
      </ul>
    </Section>
  )
}
