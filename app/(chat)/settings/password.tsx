import { savePassword } from '@/app/(account)/actions'
import { currentPassword, firstPasswordFields } from '@/app/(account)/fields'
import { type Field, Form } from '@/app/ui/form'
import { howToGetIn } from '@/lib/admission'
import type { SiteSettings } from '@/lib/site-settings'

/** Changes the password. A guest (`forGuest`) sets a first one, if the site's settings allow new accounts. */
export function Password({ forGuest }: { forGuest?: SiteSettings }) {
  if (!forGuest) return <Form action={savePassword} fields={fields} button="Change password" />
  const { registration } = forGuest
  if (registration !== 'open')
    return (
      <p className="text-muted">
        You are a guest. {howToGetIn(forGuest)}{' '}
        {registration === 'link' && 'Open the link in this browser to keep your name and your messages.'}
      </p>
    )
  return (
    <>
      <p className="text-muted">
        You are a guest. Set a password to keep your name and your messages, and to invite people.
      </p>
      <Form action={savePassword} fields={firstPasswordFields} button="Change password" />
    </>
  )
}

const fields: Field[] = [
  currentPassword,
  ...firstPasswordFields.map((field) => ({
    ...field,
    hint: `${field.hint} Changing it logs you out everywhere else.`,
  })),
]
