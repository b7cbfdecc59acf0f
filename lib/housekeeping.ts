import 'server-only'
import { forgetBarredNames } from './barred-names'
import { removeOldDrafts } from './drafts'
import { removeIdleGuests } from './guests'
import { removeOldJobs } from './jobs'
import { takeLease } from './leases'
import { forgetLimits } from './limits'
import { logError } from './log'
import { forgetOneTimeLinks } from './one-time-links'
import { forgetSockets } from './realtime/sockets'
import { repeatRetention } from './retention'
import { removeOldBans } from './room-moderation'
import { removeEmptyRooms } from './rooms'
import { forgetSecurityEvents } from './security-events'
import { removeExpiredPlaces } from './stream-places'

const everyMs = 10 * 60 * 1000
const tasks = {
  removeIdleGuests,
  removeOldDrafts,
  removeEmptyRooms,
  removeOldBans,
  forgetLimits,
  forgetSockets,
  removeExpiredPlaces,
  removeOldJobs,
  forgetBarredNames,
  forgetOneTimeLinks,
  forgetSecurityEvents,
  repeatRetention,
}

/** Deletes expired rows every ten minutes. One instance does this for all. */
export function startHousekeeping() {
  const run = async () => {
    if (!(await takeLease('housekeeping', everyMs))) return
    for (const [name, task] of Object.entries(tasks))
      task().catch((error) => logError(`housekeeping.${name}`, error))
  }
  setInterval(() => run().catch((error) => logError('housekeeping', error)), everyMs).unref()
}
