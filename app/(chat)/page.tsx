import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { currentUser } from '@/lib/web/page-user'
import { HomeHint, HomeInvitations } from './home'

async function HomePage() {
  const user = await currentUser()
  if (!user) return <Landing />
  return (
    <Page title={`Hello, ${user.firstName ?? user.username}`} tab="Parley">
      <HomeInvitations />
      <HomeHint />
    </Page>
  )
}

export default orTooSlow(HomePage, Welcome)

const points = [
  ['You agree before you talk.', 'One invites, the other accepts; nobody writes to you uncalled.'],
  ['It is live, with or without JavaScript.', 'Every page and every button works in any browser.'],
  ['It is yours.', 'It runs on your own machine, and what is said stays in your own database.'],
] as const

function Landing() {
  return (
    <main id="main" tabIndex={-1} className="mx-auto grid max-w-[68ch] gap-8 p-4 py-12 outline-none md:py-24">
      <title>Parley</title>
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
