import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { processState } from '@/db/process-state'
import { logError } from '@/lib/log'
import type { EventName, Events } from './events'
import { type Entry, SoketiError, trigger } from './soketi'

type Event<Name extends EventName = EventName> = { channels: string[]; name: Name; data: Events[Name] }

/**
 * Soketi's limits of events per call, channels per event and bytes per event; and how many calls may wait before events
 * are dropped.
 */
const most = { events: 10, channels: 100, bytes: 100 * 1024, calls: 500 }
/**
 * While Soketi hangs, events wait until clients close their connections (pusher-options.ts). Later ones are not
 * needed, because clients load what they missed when they reconnect.
 */
const keepMs = 10_000
const retryMs = 1000
const patienceMs = 2000

type Call = { entries: Entry[]; since: number }
type Queue = {
  /** Calls that wait for the current one; events can be added to the last. */
  waiting: Call[]
  /** Settles when the last call in the queue does. */
  lastCall: Promise<void>
}

const queue = processState('events', (): Queue => ({ waiting: [], lastCall: Promise.resolve() }))

/** An event on one channel, or the same event on several. */
export const event = <Name extends EventName>(
  channels: string | string[],
  name: Name,
  data: Events[Name],
): Event<Name> => ({ channels: [channels].flat(), name, data })

/**
 * Triggers events; call it after the commit. It never fails and never waits, because an event is a hint: a client
 * that misses it reads the database.
 *
 * Only one call to Soketi runs at a time, so that events arrive in order. Events published meanwhile share the next
 * calls.
 */
export function publish(...events: Event[]) {
  for (const { channels, name, data } of events) {
    const json = JSON.stringify(data)
    // Soketi would refuse the whole call with it. Clients notice the gap at the next event.
    if (Buffer.byteLength(json) > most.bytes) {
      logError('realtime.publish', new Error(`The event ${name} is too large.`))
      continue
    }
    for (let start = 0; start < channels.length; start += most.channels)
      add({ name, data: json, channels: channels.slice(start, start + most.channels) })
  }
}

function add(entry: Entry) {
  const last = queue.waiting.at(-1)
  if (last && last.entries.length < most.events) last.entries.push(entry)
  else if (queue.waiting.length < most.calls) {
    queue.waiting.push({ entries: [entry], since: Date.now() })
    queue.lastCall = queue.lastCall.then(callNext)
  }
}

/** Events may arrive twice if the answer to a call was lost. That is safe, because clients apply an event only once. */
async function callNext() {
  const call = queue.waiting.shift()
  while (call && Date.now() - call.since < keepMs) {
    try {
      return await trigger(call.entries)
    } catch (error) {
      logError('realtime.publish', error)
      if (error instanceof SoketiError) return
      await sleep(retryMs)
    }
  }
}

/**
 * Resolves when everything published so far was sent, or after 2 s in case Soketi hangs. Platforms may freeze the
 * process after its answer, so they await this.
 */
export const published = () => Promise.race([queue.lastCall, sleep(patienceMs, undefined, { ref: false })])
