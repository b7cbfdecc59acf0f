import { ButtonForm } from '@/app/ui/button-form'
import { type Field, Form } from '@/app/ui/form'
import { Section } from '@/app/ui/section'
import { Time } from '@/app/ui/time'
import type { CurrentUser } from '@/lib/current-user'
import { findSuspension } from '@/lib/suspensions'
import { liftSuspension, suspendPerson } from './suspension-actions'

type SuspensionProps = { user: CurrentUser; person: { id: string; name: string } }

/** Whether a person is suspended, and the form that suspends them or the button that ends it. */
export async function Suspension({ user, person: { id, name } }: SuspensionProps) {
  const suspension = await findSuspension(user, id)
  if (suspension)
    return (
      <Section title="Suspended">
        <p>
          {name} cannot log in {suspension.until ? <Until at={suspension.until} /> : 'for good'}. Reason:{' '}
          {suspension.reason}
        </p>
        <div className="flex">
          <ButtonForm action={liftSuspension} values={{ id }}>
            Lift suspension
          </ButtonForm>
        </div>
      </Section>
    )
  return (
    <Section title="Suspend">
      <p>
        {name} is logged out everywhere at once, leaves all rooms, and cannot log in until the time is over.
        The login page shows the reason.
      </p>
      <Form action={suspendPerson} hidden={{ id }} fields={fields} button="Suspend" isDanger />
    </Section>
  )
}

const Until = ({ at }: { at: string }) => (
  <>
    until <Time at={at} />
  </>
)

const fields: Field[] = [
  { name: 'days', label: 'Days', inputMode: 'numeric', hint: '1 to 365. Empty: for good.' },
  { name: 'reason', label: 'Reason', type: 'textarea' },
  {
    name: 'erase',
    label: 'Also delete what they said in rooms in the last 24 hours',
    type: 'checkbox',
  },
]
