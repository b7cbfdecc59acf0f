import { redirect } from 'next/navigation'
import { Form } from '@/app/ui/form'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { howToGetIn } from '@/lib/admission'
import { localPath } from '@/lib/web/local-path'
import { pageSettings } from '@/lib/web/page-settings'
import { currentUser } from '@/lib/web/page-user'
import { createAccount } from '../actions'
import { accountFields } from '../fields'

async function RegisterPage({ searchParams }: PageProps<'/register'>) {
  const from = localPath((await searchParams).from)
  if (await currentUser()) redirect(from)
  const settings = await pageSettings()
  return (
    <Welcome title="Create an account">
      {settings.registration === 'open' ? (
        <Form action={createAccount} fields={accountFields} hidden={{ from }} button="Create account" />
      ) : (
        <p>{howToGetIn(settings)}</p>
      )}
      <p className="text-muted">
        Already have an account?{' '}
        <a href={`/login?from=${encodeURIComponent(from)}`} className="link">
          Log in
        </a>
      </p>
    </Welcome>
  )
}

export default orTooSlow(RegisterPage, Welcome)
