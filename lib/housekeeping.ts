import 'server-only'
import { forgetBarredNames } from './barred-names'
import { removeOldDrafts } from './drafts'
import { forgetExports } from './export/export'
import { removeIdleGuests } from './guests'
import { removeOldJobs } from './jobs'
import { takeLease } from './leases'
import { forgetLimits } from './limits'
import { forgetLinks } from './links'
import { logError } from './log'
import { storeDailyNumbers } from './numbers'
import { forgetOneTimeLinks } from './one-time-links'
import { forgetOldActions } from './operator-log'
import { forgetSockets } from './realtime/sockets'
import { removeOldReports } from './reports'
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
  removeOldReports,
  forgetLimits,
  forgetSockets,
  removeExpiredPlaces,
  removeOldJobs,
  forgetBarredNames,
  forgetExports,
  forgetLinks,
  forgetOneTimeLinks,
  forgetOldActions,
  storeDailyNumbers,
  forgetSecurityEvents,
  repeatRetention,
}

/** Deletes expired rows, and stores the day's numbers, every ten minutes. One instance does this for all. */
export function startHousekeeping() {
  const run = async () => {
    if (!(await takeLease('housekeeping', everyMs))) return
    for (const [name, task] of Object.entries(tasks))
      task().catch((error) => logError(`housekeeping.${name}`, error))
  }
  setInterval(() => run().catch((error) => logError('housekeeping', error)), everyMs).unref()
}
