import type { User } from '@/lib/views'
import { Time } from './time'

/** “Online”, or when the person was last seen. */
export function Status({ of: { status, lastSeenAt } }: { of: Pick<User, 'status' | 'lastSeenAt'> }) {
  if (status === 'online') return 'Online'
  if (!lastSeenAt) return 'Offline'
  return (
    <>
      Offline, last seen <Time at={lastSeenAt} />
    </>
  )
}
