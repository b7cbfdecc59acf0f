import Link from 'next/link'
import { missingPage } from '@/app/(chat)/missing'
import { Alert } from '@/app/ui/alert'
import { NextPage } from '@/app/ui/next-page'
import { orAlert } from '@/app/ui/or-alert'
import { Page } from '@/app/ui/page-body'
import { PersonName } from '@/app/ui/person-name'
import { orTooSlow } from '@/app/ui/slow-page'
import { Status } from '@/app/ui/status'
import { Time } from '@/app/ui/time'
import { type KnownPerson, listKnownPeople } from '@/lib/operator-people'
import { requireUser } from '@/lib/web/page-user'
import { BackLink } from '../back-link'
import { roleNames } from './role-names'

async function EveryonePage({ searchParams }: PageProps<'/operator/people'>) {
  const { q, cursor } = await searchParams
  const text = typeof q === 'string' ? q : ''
  const path = `/operator/people?${new URLSearchParams({ q: text })}`
  const user = await requireUser(path)
  if (user.siteRole !== 'operator') return missingPage()
  const { users, nextCursor, alert } = await orAlert(listKnownPeople(user, { q: text, cursor }), {
    users: [],
    nextCursor: null,
  })
  return (
    <Page title="Everyone" isWide>
      <BackLink path="/operator" name="Operator" />
      <search>
        <form action="/operator/people" className="flex max-w-[68ch] items-end gap-2">
          <label className="grid flex-1 gap-1 font-semibold">
            Part of a name
            <input key={text} name="q" type="search" defaultValue={text} className="input font-normal" />
          </label>
          <button type="submit" className="button">
            Find
          </button>
        </form>
      </search>
      {alert && <Alert>{alert}</Alert>}
      {!alert && users.length === 0 && <p>No one is called “{text}”.</p>}
      {users.length > 0 && <PeopleTable people={users} />}
      <NextPage path="/operator/people" query={{ q: text }} cursor={nextCursor}>
        More people
      </NextPage>
    </Page>
  )
}

export default orTooSlow(EveryonePage, Page)

/** A table that is a list on phones. With the roles it stays a table for screen readers. */
const PeopleTable = ({ people }: { people: KnownPerson[] }) => (
  // biome-ignore-start lint/a11y/noRedundantRoles: CSS that changes `display` removes the roles
  <table role="table" className="w-full text-left max-md:block">
    <thead role="rowgroup" className="max-md:sr-only">
      <tr role="row">
        {['Name', 'Role', 'Created', 'Status'].map((name) => (
          <th role="columnheader" key={name} scope="col" className="text-muted py-2 pr-4 text-sm font-normal">
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup" className="divide-line border-line divide-y border-y max-md:block">
      {people.map((person) => (
        <tr role="row" key={person.id} className="max-md:block max-md:py-3">
          <th role="rowheader" scope="row" className="pr-4 font-normal max-md:block md:py-2">
            <Link href={`/operator/people/${person.id}`} prefetch={false} className="link">
              <PersonName of={person} />
            </Link>
          </th>
          <td role="cell" className="pr-4 max-md:inline max-md:text-sm">
            {roleNames[person.siteRole]}
            {person.isGuest && ', guest'}
            {person.isSuspended && <span className="text-danger">, suspended</span>}
          </td>
          <td role="cell" className="pr-4 max-md:inline max-md:text-sm">
            <span className="md:hidden"> since </span>
            <Time at={person.createdAt} />
          </td>
          <td role="cell" className="max-md:block max-md:text-sm">
            <Status of={person} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
  // biome-ignore-end lint/a11y/noRedundantRoles: CSS that changes `display` removes the roles
)
