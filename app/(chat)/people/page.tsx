import Link from 'next/link'
import { Alert } from '@/app/ui/alert'
import { NextPage } from '@/app/ui/next-page'
import { orAlert } from '@/app/ui/or-alert'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { searchPeople } from '@/lib/people'
import { requireUser } from '@/lib/web/page-user'
import { PeopleList } from './people-list'

async function PeoplePage({ searchParams }: PageProps<'/people'>) {
  const { q, cursor } = await searchParams
  const text = typeof q === 'string' ? q : ''
  const path = `/people?${new URLSearchParams({ q: text })}`
  const user = await requireUser(path)
  // A faulty address (`q` or `cursor`) is shown as an alert.
  const { users, nextCursor, alert } = await orAlert(searchPeople(user, { q: text, cursor }), {
    users: [],
    nextCursor: null,
  })
  return (
    <Page title={text ? `People matching “${text}”` : 'People'} tab="People">
      {alert && <Alert>{alert}</Alert>}
      {!alert && users.length === 0 && (
        <p>
          No one is called “{text}”. Try fewer letters, or{' '}
          <Link href="/people" prefetch={false} className="link">
            see everyone
          </Link>
          .
        </p>
      )}
      {user.mayMakeLinks && (
        <p>
          Not here yet?{' '}
          <Link href="/links" prefetch={false} className="link">
            Make a link
          </Link>{' '}
          that brings them in.
        </p>
      )}
      <PeopleList people={users} canInvite={!user.isGuest} />
      <NextPage path="/people" query={{ q: text }} cursor={nextCursor}>
        More people
      </NextPage>
    </Page>
  )
}

export default orTooSlow(PeoplePage, Page)
