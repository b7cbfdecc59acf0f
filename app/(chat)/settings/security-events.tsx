import { Time } from '@/app/ui/time'
import type { SecurityEvent } from '@/lib/security-events'
import { deviceName } from './device-name'

/** What happened to the reader's account, the latest first. */
export const SecurityEvents = ({ events }: { events: SecurityEvent[] }) => (
  <ul className="divide-line border-line divide-y border-y">
    {events.map((event) => (
      <li key={event.id} className="py-3">
        <p className="font-semibold">{sentenceOf(event)}</p>
        <p className="text-muted text-sm">
          <Time at={event.at} />
          {event.address && ` · ${event.address}`}
          {event.userAgent && ` · ${deviceName(event.userAgent, 'Unknown device')}`}
        </p>
      </li>
    ))}
  </ul>
)

function sentenceOf({ kind, count }: SecurityEvent) {
  switch (kind) {
    case 'login':
      return 'Logged in'
    case 'wrong-password':
      return count === 1 ? 'Wrong password' : `Wrong password, ${count} times`
    case 'password-changed':
      return 'Password changed'
    case 'login-sessions-ended':
      return count === 1 ? 'Login session ended' : `${count} login sessions ended`
  }
}
