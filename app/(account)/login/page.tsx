import { redirect } from 'next/navigation'
import { Form } from '@/app/ui/form'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { howToGetIn } from '@/lib/admission'
import type { SiteSettings } from '@/lib/site-settings'
import { localPath } from '@/lib/web/local-path'
import { pageSettings } from '@/lib/web/page-settings'
import { currentUser } from '@/lib/web/page-user'
import { logInWithPassword } from '../actions'

async function LoginPage({ searchParams }: PageProps<'/login'>) {
  const query = await searchParams
  const from = localPath(query.from)
  if (await currentUser()) redirect(from)
  return (
    <Welcome title="Log in">
      {query.reset && <p role="status">Your password is changed. Log in with the new one.</p>}
      {/\?draft=/.test(from) && (
        <p role="status">You were logged out. Your draft is saved: log in to get it back.</p>
      )}
      <Form
        action={logInWithPassword}
        fields={[
          { name: 'username', label: 'Username', autoComplete: 'username' },
          { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' },
        ]}
        hidden={{ from }}
        button="Log in"
      />
      <NewHere settings={await pageSettings()} from={from} />
    </Welcome>
  )
}

/** The other ways in, as far as they are open. */
function NewHere({ settings, from }: { settings: SiteSettings; from: string }) {
  const { registration, guests } = settings
  const query = `?from=${encodeURIComponent(from)}`
  return (
    <p className="text-muted">
      New here?{' '}
      {registration === 'open' ? (
        <a href={`/register${query}`} className="link">
          Create an account
        </a>
      ) : (
        howToGetIn(settings)
      )}
      {guests && (
        <>
          {registration === 'open' ? ' or ' : ' You can '}
          <a href={`/guest${query}`} className="link">
            continue as guest
          </a>
        </>
      )}
      {(registration === 'open' || guests) && '.'}
    </p>
  )
}

export default orTooSlow(LoginPage, Welcome)
