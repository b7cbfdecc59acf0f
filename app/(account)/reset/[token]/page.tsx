import { gonePage } from '@/app/(account)/gone'
import { Form } from '@/app/ui/form'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { findReset } from '@/lib/password-reset'
import { firstPasswordFields } from '../../fields'
import { resetPassword } from '../actions'

async function ResetPage({ params }: PageProps<'/reset/[token]'>) {
  const { token } = await params
  const person = await findReset(token)
  if (!person) return gonePage('Ask an operator of this site for a new one.')
  return (
    <Welcome title="Choose a new password">
      <p className="text-muted">
        For the account {person.username}. It is logged out everywhere, and you log in with the new password.
      </p>
      <Form action={resetPassword} fields={firstPasswordFields} hidden={{ token }} button="Change password" />
    </Welcome>
  )
}

export default orTooSlow(ResetPage, Welcome)
