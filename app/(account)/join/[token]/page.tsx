import { gonePage } from '@/app/(account)/gone'
import { ButtonForm } from '@/app/ui/button-form'
import { Form } from '@/app/ui/form'
import { PersonName } from '@/app/ui/person-name'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import type { CurrentUser } from '@/lib/current-user'
import { findLink, type OpenedLink } from '@/lib/links'
import { pageSettings } from '@/lib/web/page-settings'
import { currentUser } from '@/lib/web/page-user'
import { createAccount } from '../../actions'
import { accountFields, firstPasswordFields } from '../../fields'
import { becomeAccount, joinByLink } from '../actions'

/** Opening it uses nothing up, because previews open links too. */
async function JoinPage({ params }: PageProps<'/join/[token]'>) {
  const { token } = await params
  const [link, user, { registration, siteName }] = await Promise.all([
    findLink(token),
    currentUser(),
    pageSettings(),
  ])
  if (!link) return gonePage('Ask for a new one.')
  return (
    <Welcome title="You are invited">
      <p>
        <strong>
          <PersonName of={link.maker} />
        </strong>{' '}
        invites you {whereTo(link, siteName)}.
      </p>
      {user && !user.isGuest ? (
        <Member user={user} link={link} token={token} />
      ) : (
        <NewAccount user={user} token={token} isClosed={registration === 'closed'} />
      )}
    </Welcome>
  )
}

export default orTooSlow(JoinPage, Welcome)

function whereTo({ group, withMaker }: NonNullable<OpenedLink>, siteName: string) {
  if (group) return `to the group “${group.name}”`
  return withMaker ? 'to a conversation' : `to ${siteName}`
}

type MemberProps = { user: CurrentUser; link: NonNullable<OpenedLink>; token: string }

const Member = ({ user, link, token }: MemberProps) => (
  <>
    <p className="text-muted">
      You are signed in as {user.username}
      {link.group || link.withMaker ? '.' : ', so you are already in.'}
      {link.maker.id === user.id && ' This is your own link.'}
    </p>
    <div className="flex">
      <ButtonForm action={joinByLink} values={{ link: token }} className="button-primary">
        Join
      </ButtonForm>
    </div>
  </>
)

/** For visitors and guests, who need an account first. */
function NewAccount({ user, token, isClosed }: { user?: CurrentUser; token: string; isClosed: boolean }) {
  const logIn = (
    <a href={`/login?from=${encodeURIComponent(`/join/${token}`)}`} className="link">
      Log in
    </a>
  )
  if (isClosed)
    return (
      <p>
        This site takes no new accounts. If you have one,{' '}
        {user ? 'log out as a guest, log in, and open this link again.' : <>use it: {logIn}.</>}
      </p>
    )
  if (user)
    return (
      <>
        <p className="text-muted">
          You are here as the guest {user.username}. Choose a password to have an account: you keep your name
          and your messages.
        </p>
        <Form
          action={becomeAccount}
          fields={firstPasswordFields}
          hidden={{ link: token }}
          button="Create account"
        />
      </>
    )
  return (
    <>
      <Form action={createAccount} fields={accountFields} hidden={{ link: token }} button="Create account" />
      <p className="text-muted">Already have an account? {logIn}</p>
    </>
  )
}
