import 'server-only'
import { logError } from '@/lib/log'
import type { EventName, Events } from './events'
import { type Entry, SoketiError, trigger } from './soketi'

type Event<Name extends EventName = EventName> = { channels: string[]; name: Name; data: Events[Name] }

/** Soketi takes so many events a call, and channels an event. What comes while so many calls wait is dropped. */
const most = { events: 10, channels: 100, calls: 500 }

type Queue = {
  /** The events of each call that waits for the one under way; the last may take more. */
  waiting: Entry[][]
  /** Settles with the last call so far. */
  lastCall: Promise<void>
}

// The framework loads this module once for each of its bundles; the order is that of the process.
const shared = globalThis as { parleyEvents?: Queue }
shared.parleyEvents ??= { waiting: [], lastCall: Promise.resolve() }
const queue = shared.parleyEvents

/** The same event on one channel or several. */
export const event = <Name extends EventName>(
  channels: string | string[],
  name: Name,
  data: Events[Name],
): Event<Name> => ({ channels: [channels].flat(), name, data })

/**
 * Triggers the events, after the commit. Never fails and keeps nobody waiting: an event is a hint,
 * and a client that missed it asks the database.
 *
 * There is one call at a time, so events arrive in order, and all that are published meanwhile share the next ones.
 */
export function publish(...events: Event[]) {
  for (const { channels, name, data } of events) {
    const json = JSON.stringify(data)
    for (let start = 0; start < channels.length; start += most.channels)
      add({ name, data: json, channels: channels.slice(start, start + most.channels) })
  }
}

function add(entry: Entry) {
  const last = queue.waiting.at(-1)
  if (last && last.length < most.events) last.push(entry)
  else if (queue.waiting.length < most.calls) {
    queue.waiting.push([entry])
    queue.lastCall = queue.lastCall.then(callNext)
  }
}

async function callNext() {
  const entries = queue.waiting.shift()
  if (!entries) return
  try {
    await trigger(entries)
  } catch (error) {
    logError('realtime.publish', error)
    // Soketi is away or hangs: drop what waits, because each call would wait for a timeout of its own.
    if (!(error instanceof SoketiError)) queue.waiting = []
  }
}

/** Resolves when all that was published so far has left: a platform may freeze the process after its answer. */
export const published = () => queue.lastCall
