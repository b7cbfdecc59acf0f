import Link from 'next/link'
import { Page, Shell } from '@/app/ui/shell'
import { orTooSlow, titleOrTooSlow } from '@/app/ui/slow-page'
import { Refusal } from '@/lib/errors'
import type { CurrentUser } from '@/lib/login-sessions'
import { searchPeople } from '@/lib/people'
import { requireUser } from '@/lib/web/current-user'
import { titleWithUnread } from '@/lib/web/overview'
import { PersonRow } from './person-row'

export const generateMetadata = titleOrTooSlow(() => titleWithUnread('People'))

async function PeoplePage({ searchParams }: PageProps<'/people'>) {
  const { q, cursor } = await searchParams
  const text = typeof q === 'string' ? q : ''
  const path = `/people?${new URLSearchParams({ q: text })}`
  const user = await requireUser(path)
  const { users, nextCursor, alert } = await search(user, { q: text, cursor })
  return (
    <Shell user={user} view="search" q={text}>
      <Page title={text ? `People matching “${text}”` : 'People'}>
        {alert && (
          <p role="alert" className="text-danger">
            {alert}
          </p>
        )}
        {!alert && users.length === 0 && (
          <p>
            No one is called “{text}”. Try a shorter part of the name, or{' '}
            <Link href="/people" prefetch={false} className="link">
              look at everyone
            </Link>
            .
          </p>
        )}
        <ul className="divide-line divide-y">
          {users.map((person) => (
            <PersonRow key={person.id} person={person} isOneself={person.id === user.id} />
          ))}
        </ul>
        {nextCursor && (
          <Link
            href={`${path}&${new URLSearchParams({ cursor: nextCursor })}`}
            prefetch={false}
            className="button"
          >
            More people
          </Link>
        )}
      </Page>
    </Shell>
  )
}

export default orTooSlow(PeoplePage)

/** The address can hold anything: what cannot be searched for is said on the page. */
async function search(user: CurrentUser, input: unknown) {
  try {
    return { ...(await searchPeople(user, input)), alert: undefined }
  } catch (error) {
    if (error instanceof Refusal) return { users: [], nextCursor: null, alert: error.message }
    throw error
  }
}
