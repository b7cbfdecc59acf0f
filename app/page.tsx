import Link from 'next/link'
import type { CurrentUser } from '@/lib/login-sessions'
import { currentUser } from '@/lib/web/current-user'
import { pageOverview, titleWithUnread } from '@/lib/web/overview'
import { ReceivedRow } from './invitations/rows'
import { Page, Shell } from './ui/shell'
import { orTooSlow, titleOrTooSlow } from './ui/slow-page'

export const generateMetadata = titleOrTooSlow(() => titleWithUnread('Parley'))

async function HomePage() {
  const user = await currentUser()
  return user ? <Home user={user} /> : <Landing />
}

export default orTooSlow(HomePage)

async function Home({ user }: { user: CurrentUser }) {
  const { conversations = [], invitations } = (await pageOverview()) ?? {}
  const received = invitations?.received ?? []
  return (
    <Shell user={user} view="home">
      <Page title={`Hello, ${user.firstName ?? user.username}`}>
        {received.length > 0 && (
          <section>
            <h2 className="font-semibold">
              {received.length === 1 ? 'Somebody invites you' : `${received.length} people invite you`}
            </h2>
            <ul className="divide-line divide-y">
              {received.map((invitation) => (
                <ReceivedRow key={invitation.id} invitation={invitation} />
              ))}
            </ul>
          </section>
        )}
        <p className="text-muted max-w-[48ch]">
          {conversations.length
            ? 'Open a conversation, or search for somebody new and invite them.'
            : 'Search for somebody and invite them: once they accept, the two of you can talk.'}
        </p>
      </Page>
    </Shell>
  )
}

const points = [
  ['You agree before you talk.', 'One invites, the other accepts; nobody writes to you uncalled.'],
  ['It is live, with or without JavaScript.', 'Every page and every button works in any browser.'],
  ['It is yours.', 'It runs on your own machine, and what is said stays in your own database.'],
] as const

function Landing() {
  return (
    <main id="main" tabIndex={-1} className="mx-auto grid max-w-[68ch] gap-8 p-4 py-12 outline-none md:py-24">
      <div className="grid gap-3">
        <h1 className="text-[2.5rem] leading-tight">Parley</h1>
        <p className="max-w-[44ch]">
          A quiet place to talk, for the people of this house, this club, this team.
        </p>
      </div>
      <div className="flex flex-wrap gap-3">
        <Link href="/register" prefetch={false} className="button button-primary">
          Create account
        </Link>
        <Link href="/login" prefetch={false} className="button">
          Log in
        </Link>
        <Link href="/guest" prefetch={false} className="button">
          Continue as guest
        </Link>
      </div>
      <dl className="border-line grid gap-4 border-t pt-8">
        {points.map(([term, text]) => (
          <div key={term}>
            <dt className="font-semibold">{term}</dt>
            <dd className="text-muted">{text}</dd>
          </div>
        ))}
      </dl>
    </main>
  )
}
