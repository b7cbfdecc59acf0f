import { endEverySession, endSession, savePassword, saveProfile } from '@/app/(account)/actions'
import { profileFields } from '@/app/(account)/fields'
import { ButtonForm } from '@/app/ui/button-form'
import { type Field, Form } from '@/app/ui/form'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { orTooSlow } from '@/app/ui/slow-page'
import { Time } from '@/app/ui/time'
import { type LoginSession, listLoginSessions } from '@/lib/login-sessions'
import { requireUser } from '@/lib/web/page-user'

async function SettingsPage() {
  const user = await requireUser('/settings')
  const loginSessions = await listLoginSessions(user)
  return (
    <Page title="Settings">
      <Section title="Profile">
        <p className="text-muted">
          Your username is {user.username}. Others see you as “{user.name}”.
        </p>
        <Form action={saveProfile} fields={profileFields(user)} button="Save" />
      </Section>
      <Section title="Password">
        {user.isGuest && (
          <p className="text-muted">
            You are a guest. Set a password to keep your name and your messages, and to invite people.
          </p>
        )}
        <Form action={savePassword} fields={passwordFields(user.isGuest)} button="Change password" />
      </Section>
      <Section title="Login sessions">
        <ul className="divide-line border-line divide-y border-y">
          {loginSessions.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
        <ButtonForm action={endEverySession} values={{}} logsOut>
          Log out everywhere
        </ButtonForm>
      </Section>
    </Page>
  )
}

export default orTooSlow(SettingsPage, Page)

const passwordFields = (isGuest: boolean): Field[] => [
  ...(isGuest ? [] : [currentPassword]),
  {
    name: 'newPassword',
    label: 'New password',
    type: 'password',
    autoComplete: 'new-password',
    hint: `At least 8 characters.${isGuest ? '' : ' Changing it logs you out everywhere else.'}`,
  },
]

const currentPassword: Field = {
  name: 'currentPassword',
  label: 'Current password',
  type: 'password',
  autoComplete: 'current-password',
}

function SessionRow({ session }: { session: LoginSession }) {
  const { id, client, userAgent, address, createdAt, lastSeenAt, isCurrent } = session
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 py-3">
      <div className="min-w-0 flex-1 basis-44">
        <p className="font-semibold">
          {deviceName(userAgent, client)}
          {isCurrent && <span className="text-muted font-normal"> · this device</span>}
        </p>
        <p className="text-muted text-sm">
          {address && `${address} · `}logged in <Time at={createdAt} />, last seen <Time at={lastSeenAt} />
        </p>
      </div>
      <ButtonForm
        action={endSession}
        values={{ id }}
        logsOut={isCurrent}
        about={` of ${deviceName(userAgent, client)}`}
      >
        Log out this session
      </ButtonForm>
    </li>
  )
}

/** The browser and system that the user agent names. */
function deviceName(userAgent: string | null, client: LoginSession['client']) {
  const find = (names: string[]) => names.find((name) => userAgent?.includes(name))
  const browser = find(['Firefox', 'Edg', 'OPR', 'Chrome', 'Safari', 'curl'])
    ?.replace('Edg', 'Edge')
    .replace('OPR', 'Opera')
  const system = find(['iPhone', 'iPad', 'Android', 'Windows', 'Mac OS', 'Linux'])
  const known = [browser, system].filter(Boolean).join(' on ')
  return known || (client === 'api' ? 'Unknown app' : 'Unknown browser')
}
