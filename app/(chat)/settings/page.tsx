import Link from 'next/link'
import { endEverySession, endSession, saveProfile } from '@/app/(account)/actions'
import { profileFields } from '@/app/(account)/fields'
import { ResetNotice } from '@/app/(account)/reset/reset-notice'
import { ButtonForm } from '@/app/ui/button-form'
import { Form } from '@/app/ui/form'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { orTooSlow } from '@/app/ui/slow-page'
import { Time } from '@/app/ui/time'
import { type LoginSession, listLoginSessions } from '@/lib/login-sessions'
import { listOwnReports } from '@/lib/reports'
import { listSecurityEvents } from '@/lib/security-events'
import { readSettings } from '@/lib/site-settings'
import { requireUser } from '@/lib/web/page-user'
import { deviceName } from './device-name'
import { OwnReports } from './own-reports'
import { Password } from './password'
import { SecurityEvents } from './security-events'

async function SettingsPage() {
  const user = await requireUser('/settings')
  const [loginSessions, events, reports, forGuest] = await Promise.all([
    listLoginSessions(user),
    listSecurityEvents(user),
    listOwnReports(user),
    user.isGuest ? readSettings() : undefined,
  ])
  return (
    <Page title="Settings">
      {user.resetLinkMadeAt && <ResetNotice madeAt={user.resetLinkMadeAt} />}
      <Section title="Profile">
        <p className="text-muted">
          Your username is {user.username}. Others see you as “{user.name}”.
        </p>
        <Form action={saveProfile} fields={profileFields(user)} button="Save" />
      </Section>
      <Section title="Password">
        <Password forGuest={forGuest} />
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
      <Section title="What happened to your account">
        <p className="text-muted">
          The last 90 days. If something here was not you, change your password and log out everywhere.
        </p>
        <SecurityEvents events={events} />
      </Section>
      <OwnReports reports={reports} />
      <Section title="Your data">
        <p>
          <Link href="/settings/data" prefetch={false} className="link">
            Export your data, or delete your account
          </Link>
        </p>
      </Section>
      <p>
        <a href="/about" className="link">
          About this site
        </a>
      </p>
    </Page>
  )
}

export default orTooSlow(SettingsPage, Page)

function SessionRow({ session }: { session: LoginSession }) {
  const { id, client, userAgent, address, createdAt, lastSeenAt, isCurrent } = session
  const device = deviceName(userAgent, client === 'api' ? 'Unknown app' : 'Unknown browser')
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 py-3">
      <div className="min-w-0 flex-1 basis-44">
        <p className="font-semibold">
          {device}
          {isCurrent && <span className="text-muted font-normal"> · this device</span>}
        </p>
        <p className="text-muted text-sm">
          {address && `${address} · `}logged in <Time at={createdAt} />, last seen <Time at={lastSeenAt} />
        </p>
      </div>
      <ButtonForm action={endSession} values={{ id }} logsOut={isCurrent} about={` of ${device}`}>
        Log out this session
      </ButtonForm>
    </li>
  )
}
