import 'server-only'
import { logError } from '@/lib/log'
import type { EventName, Events } from './events'
import { soketi } from './soketi'

type Event<Name extends EventName = EventName> = { channel: string; name: Name; data: Events[Name] }

const underway = new Set<Promise<unknown>>()

export const event = <Name extends EventName>(
  channel: string,
  name: Name,
  data: Events[Name],
): Event<Name> => ({
  channel,
  name,
  data,
})

/**
 * Tells the channels, after the commit. Never fails and keeps nobody waiting: an event is a hint,
 * and who missed it asks the database.
 */
export function publish(...events: Event[]) {
  for (let start = 0; start < events.length; start += 10) {
    // Ten is the most that Soketi takes in one call.
    const sending = soketi()
      .triggerBatch(events.slice(start, start + 10))
      .catch((error) => logError('realtime.publish', error))
      .finally(() => underway.delete(sending))
    underway.add(sending)
  }
}

/** Resolves when all that was published so far has left: a platform may freeze the process after its answer. */
export const published = () => Promise.all(underway)
