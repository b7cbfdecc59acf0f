import { redirect } from 'next/navigation'
import { Form } from '@/app/ui/form'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { localPath } from '@/lib/web/local-path'
import { pageSettings } from '@/lib/web/page-settings'
import { currentUser } from '@/lib/web/page-user'
import { continueAsGuest } from '../actions'

async function GuestPage({ searchParams }: PageProps<'/guest'>) {
  const from = localPath((await searchParams).from ?? '/rooms')
  if (await currentUser()) redirect(from)
  const { guests } = await pageSettings()
  if (!guests)
    return (
      <Welcome title="Continue as guest">
        <p>This site takes no guests.</p>
        <p>
          <a href={`/login?from=${encodeURIComponent(from)}`} className="link">
            Log in
          </a>
        </p>
      </Welcome>
    )
  return (
    <Welcome title="Continue as guest">
      <p className="text-muted">
        Guests can chat in rooms. You are removed after a day away, unless you set a password first.
      </p>
      <Form
        action={continueAsGuest}
        fields={[
          {
            name: 'username',
            label: 'Username (optional)',
            autoComplete: 'username',
            hint: 'Leave it empty to get a random name.',
          },
        ]}
        hidden={{ from }}
        button="Continue as guest"
      />
    </Welcome>
  )
}

export default orTooSlow(GuestPage, Welcome)
