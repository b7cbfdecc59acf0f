import Link from 'next/link'
import type { ReactNode } from 'react'
import { useStatusOf, useStore } from '@/app/browser/store-context'
import { Avatar } from '@/app/ui/avatar'
import { Status } from '@/app/ui/status'
import type { ConversationView, User } from '@/lib/views'
import { PeopleButton } from './people-panel'

type HeaderProps = {
  conversation: ConversationView
  /** The other person of a direct conversation. */
  other?: User
  /** The ids of the people who have the conversation open. */
  here: string[]
  children?: ReactNode
}

/** The top of an open conversation: its name, and the other person's status or the number of people. */
export function Header({ conversation, other, here, children }: HeaderProps) {
  const { id, kind, name, people } = conversation
  return (
    <header className="border-line flex items-center gap-3 border-b px-4 py-2">
      <Link href="/" prefetch={false} className="button button-quiet -ml-2 px-2 md:hidden">
        <span aria-hidden>←</span>
        <span className="sr-only">All conversations</span>
      </Link>
      {other ? (
        <Other person={other} name={name} isHere={here.includes(other.id)} />
      ) : kind === 'group' ? (
        <Group conversation={conversation} />
      ) : (
        <>
          <Avatar id={id} name={name} size="small" />
          <div className="min-w-0 flex-1">
            <h1 className="truncate font-sans text-base">{name}</h1>
            <p className="text-muted text-sm whitespace-nowrap">{people.length} here</p>
          </div>
          <PeopleButton />
        </>
      )}
      {children}
    </header>
  )
}

/** A group's title and some of its people, with a link to all of them. */
function Group({ conversation: { id, name, people } }: Pick<HeaderProps, 'conversation'>) {
  const { userId } = useStore()
  const others = people.filter((person) => person.id !== userId)
  const names = others.slice(0, 3).map((person) => person.name)
  const count = `${people.length} ${people.length === 1 ? 'person' : 'people'}`
  return (
    <>
      <span aria-hidden className="flex -space-x-3">
        {others.slice(0, 2).map((person) => (
          <span key={person.id} className="ring-paper flex rounded-full ring-2">
            <Avatar id={person.id} name={person.name} size="small" />
          </span>
        ))}
      </span>
      <div className="min-w-0 flex-1">
        <h1 className="truncate font-sans text-base">{name}</h1>
        <p className="text-muted flex text-sm">
          <span className="truncate">{names.join(', ')}</span>
          <span className="shrink-0 whitespace-pre">{names.length ? ` · ${count}` : count}</span>
        </p>
      </div>
      <Link href={`/c/${id}/people`} prefetch={false} className="button button-quiet px-2">
        People
      </Link>
    </>
  )
}

function Other({ person, name, isHere }: { person: User; name: string; isHere: boolean }) {
  const { id, username, status, lastSeenAt } = useStatusOf(person)
  return (
    <>
      <Avatar id={id} name={name} status={status} size="small" />
      <div className="min-w-0 flex-1">
        <h1 className="truncate font-sans text-base">{name}</h1>
        <p className="text-muted text-sm">
          {username !== name && `${username} · `}
          {isHere ? 'Here now' : <Status of={{ status, lastSeenAt }} />}
        </p>
      </div>
    </>
  )
}
