import { howToGetIn } from '@/lib/admission'
import type { SiteSettings } from '@/lib/site-settings'
import { SampleConversation } from './sample-conversation'

const promises = [
  [
    'You agree before you talk.',
    'One person invites, the other accepts. Nobody can write to you before that.',
  ],
  ['It is live, with or without JavaScript.', 'Every page and every button works in any browser.'],
  ['It is yours.', 'It runs on your own machine, and all messages stay in your own database.'],
] as const

/** The home page for visitors who are not signed in. Its links are plain ones, so that it needs no script. */
export function Landing({ settings, isFarewell }: { settings: SiteSettings; isFarewell: boolean }) {
  const { siteName } = settings
  const isOpen = settings.registration === 'open'
  return (
    <main id="main" tabIndex={-1} className="mx-auto grid max-w-5xl gap-12 p-4 py-12 outline-none md:py-16">
      <title>{siteName}</title>
      {isFarewell && <p role="status">Your account is deleted. Goodbye, and thank you for being here.</p>}
      <div className="grid items-center gap-12 lg:grid-cols-2">
        <div className="grid gap-6">
          <h1 className="text-[2.5rem] leading-tight">{siteName}</h1>
          <p className="max-w-[32ch] text-xl">A chat site for your people, on your own machine.</p>
          <div className="flex flex-wrap gap-3">
            {isOpen && (
              <a href="/register" className="button button-primary">
                Create account
              </a>
            )}
            <a href="/login" className={`button ${isOpen ? '' : 'button-primary'}`}>
              Log in
            </a>
          </div>
          {!isOpen && <p className="text-muted">{howToGetIn(settings)}</p>}
          {settings.guests && (
            <p className="text-muted">
              Just looking around?{' '}
              <a href="/guest" className="link">
                Continue as guest
              </a>
            </p>
          )}
        </div>
        <SampleConversation />
      </div>
      <dl className="border-line grid gap-6 border-t pt-8 md:grid-cols-3">
        {promises.map(([promise, reason]) => (
          <div key={promise}>
            <dt className="font-semibold">{promise}</dt>
            <dd className="text-muted">{reason}</dd>
          </div>
        ))}
      </dl>
      <p className="text-muted text-sm">
        Runs on Node.js, PostgreSQL and Soketi, and starts with one command. Open source under the MIT
        licence.{' '}
        <a href="/about" className="link">
          About this site
        </a>
      </p>
    </main>
  )
}
