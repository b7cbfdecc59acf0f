import { savePassword } from '@/app/(account)/actions'
import { currentPassword, firstPasswordFields } from '@/app/(account)/fields'
import { type Field, Form } from '@/app/ui/form'
import { howToGetIn } from '@/lib/admission'
import type { SiteSettings } from '@/lib/site-settings'

/** Changes the password. A guest (`forGuest`) sets a first one, if the site's settings allow new accounts. */
export function Password({ forGuest }: { forGuest?: SiteSettings }) {
  const isOpen = !forGuest || forGuest.registration === 'open'
  return (
    <>
      {forGuest && <p className="text-muted">You are a guest. {howToStay(forGuest)}</p>}
      {/* The same form for both, because its notice has to stay when a guest has become an account. */}
      {isOpen && (
        <Form
          action={savePassword}
          fields={forGuest ? firstPasswordFields : fields}
          button="Change password"
        />
      )}
    </>
  )
}

function howToStay(settings: SiteSettings) {
  if (settings.registration === 'open')
    return 'Set a password to keep your name and your messages, and to invite people.'
  const link = 'Open the link in this browser to keep your name and your messages.'
  return `${howToGetIn(settings)} ${settings.registration === 'link' ? link : ''}`
}

const fields: Field[] = [
  currentPassword,
  ...firstPasswordFields.map((field) => ({
    ...field,
    hint: `${field.hint} Changing it logs you out everywhere else.`,
  })),
]
