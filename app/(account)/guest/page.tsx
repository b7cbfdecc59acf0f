import { redirect } from 'next/navigation'
import { Form } from '@/app/ui/form'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { localPath } from '@/lib/web/local-path'
import { currentUser } from '@/lib/web/page-user'
import { continueAsGuest } from '../actions'

async function GuestPage({ searchParams }: PageProps<'/guest'>) {
  const from = localPath((await searchParams).from ?? '/rooms')
  if (await currentUser()) redirect(from)
  return (
    <Welcome title="Continue as guest">
      <p className="text-muted">
        Guests talk in the rooms. After a day away they are removed; set a password before that, and you stay.
      </p>
      <Form
        action={continueAsGuest}
        fields={[
          {
            name: 'username',
            label: 'Username (optional)',
            autoComplete: 'username',
            hint: 'Without one you get a made-up name.',
          },
        ]}
        hidden={{ from }}
        button="Continue as guest"
      />
    </Welcome>
  )
}

export default orTooSlow(GuestPage, Welcome)
