import { changeSiteRole, deleteSomebodysAccount, makeResetLink } from '@/app/(chat)/operator/actions'
import { ButtonForm } from '@/app/ui/button-form'
import { Form } from '@/app/ui/form'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { orTooSlow } from '@/app/ui/slow-page'
import { Status } from '@/app/ui/status'
import { Time } from '@/app/ui/time'
import { Refusal } from '@/lib/errors'
import { findKnownPerson, type KnownPerson } from '@/lib/operator-people'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../../../missing'
import { BackLink } from '../../back-link'
import { roleNames } from '../role-names'
import { Suspension } from '../suspension'

async function KnownPersonPage({ params }: PageProps<'/operator/people/[userId]'>) {
  const { userId: id } = await params
  const user = await requireUser(`/operator/people/${id}`)
  const person = await findKnownPerson(user, id).catch(orMissing)
  if (!person) return missingPage()
  return (
    <Page title={person.name}>
      <BackLink path="/operator/people" name="Everyone" />
      <Facts person={person} />
      {!person.isGuest && <RoleButtons person={person} isOneself={person.id === user.id} />}
      {!person.isGuest && (
        <Section title="Password">
          <p>
            {person.name} can set a new password with this link, and is notified. Older links of this kind
            end.
          </p>
          <Form action={makeResetLink} hidden={{ id }} fields={[]} button="Make a reset link" />
        </Section>
      )}
      {person.id !== user.id && (
        <>
          <Suspension user={user} person={person} />
          <Deletion person={person} />
        </>
      )}
    </Page>
  )
}

export default orTooSlow(KnownPersonPage, Page)

function orMissing(error: unknown) {
  if (error instanceof Refusal && error.status === 404) return undefined
  throw error
}

function Facts({ person }: { person: KnownPerson }) {
  const facts = [
    ['Username', person.username],
    ['Role', `${roleNames[person.siteRole]}${person.isGuest ? ', guest' : ''}`],
    ['Created', <Time key="created" at={person.createdAt} />],
    ['Status', <Status key="status" of={person} />],
  ] as const
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const buttons = [
  ['moderator', 'Make moderator'],
  ['operator', 'Make operator'],
  ['person', 'Make ordinary'],
] as const

const RoleButtons = ({ person, isOneself }: { person: KnownPerson; isOneself: boolean }) => (
  <Section title="Role">
    <p className="text-muted">
      Moderators take care of reports, people and rooms. Operators also decide about roles and settings.
      {isOneself && ' You lose this page if you give up your role.'}
    </p>
    <div className="flex flex-wrap gap-3">
      {buttons
        .filter(([role]) => role !== person.siteRole)
        .map(([role, text]) => (
          <ButtonForm
            key={role}
            action={changeSiteRole}
            values={{ id: person.id, role }}
            className={isOneself ? 'button-danger' : ''}
          >
            {text}
          </ButtonForm>
        ))}
    </div>
  </Section>
)

const Deletion = ({ person: { id, name } }: { person: KnownPerson }) => (
  <Section title="Delete account">
    <p>
      {name} is logged out everywhere, and the account is deleted for good. Nobody can take the username for
      90 days. Conversations with one other person stay with that person, closed. Backups hold older states.
    </p>
    <Form
      action={deleteSomebodysAccount}
      hidden={{ id }}
      fields={[
        {
          name: 'messages',
          label: 'What they wrote',
          options: [
            ['keep', 'Keep it, as written by “Deleted person”'],
            ['erase', 'Delete it everywhere'],
          ],
        },
      ]}
      button="Delete account"
      isDanger
    />
  </Section>
)
