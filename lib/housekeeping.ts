import 'server-only'
import { removeOldDrafts } from './drafts'
import { removeIdleGuests } from './guests'
import { forgetLimits } from './limits'
import { logError } from './log'
import { forgetSockets } from './realtime/sockets'
import { removeEmptyRooms } from './rooms'
import { removeDeadPlaces } from './stream-places'

const everyMs = 10 * 60 * 1000
const tasks = {
  removeIdleGuests,
  removeOldDrafts,
  removeEmptyRooms,
  forgetLimits,
  forgetSockets,
  removeDeadPlaces,
}

/** Removes now and then what has had its time. Any instance may, and twice is no harm. */
export function keepHouse() {
  const look = () => {
    for (const [name, task] of Object.entries(tasks))
      task().catch((error) => logError(`housekeeping.${name}`, error))
  }
  setInterval(look, everyMs).unref()
}
