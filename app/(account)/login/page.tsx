import { redirect } from 'next/navigation'
import { Form } from '@/app/ui/form'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { localPath } from '@/lib/web/local-path'
import { currentUser } from '@/lib/web/page-user'
import { logInWithPassword } from '../actions'

async function LoginPage({ searchParams }: PageProps<'/login'>) {
  const from = localPath((await searchParams).from)
  if (await currentUser()) redirect(from)
  return (
    <Welcome title="Log in">
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
      <p className="text-muted">
        New here?{' '}
        <a href={`/register?from=${encodeURIComponent(from)}`} className="link">
          Create an account
        </a>{' '}
        or{' '}
        <a href={`/guest?from=${encodeURIComponent(from)}`} className="link">
          continue as guest
        </a>
        .
      </p>
    </Welcome>
  )
}

export default orTooSlow(LoginPage, Welcome)
