import 'server-only'
import { logError } from '@/lib/log'
import type { EventName, Events } from './events'
import { soketi } from './soketi'

type Event<Name extends EventName = EventName> = { channels: string[]; name: Name; data: Events[Name] }

const underway = new Set<Promise<unknown>>()

/** The same event on one channel or several; Soketi takes up to 100. */
export const event = <Name extends EventName>(
  channels: string | string[],
  name: Name,
  data: Events[Name],
): Event<Name> => ({ channels: [channels].flat(), name, data })

/**
 * Triggers the events, after the commit. Never fails and keeps nobody waiting: an event is a hint,
 * and a client that missed it asks the database.
 */
export function publish(...events: Event[]) {
  for (let start = 0; start < events.length; start += 10) {
    // Ten is the most that Soketi takes in one call.
    const batch = events
      .slice(start, start + 10)
      .map(({ data, ...event }) => ({ ...event, data: JSON.stringify(data) }))
    const sending = soketi()
      .post({ path: '/batch_events', body: { batch } as never })
      .catch((error) => logError('realtime.publish', error))
      .finally(() => underway.delete(sending))
    underway.add(sending)
  }
}

/** Resolves when all that was published so far has left: a platform may freeze the process after its answer. */
export const published = () => Promise.all(underway)
