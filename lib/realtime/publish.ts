import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { processState } from '@/db/process-state'
import { logError } from '@/lib/log'
import type { EventName, Events } from './events'
import { type Entry, SoketiError, trigger } from './soketi'

type Event<Name extends EventName = EventName> = { channels: string[]; name: Name; data: Events[Name] }

/** Soketi takes so many events a call, and channels an event. What comes while so many calls wait is dropped. */
const most = { events: 10, channels: 100, calls: 500 }
/** While Soketi hangs, events wait until their receivers give the connection up (options.ts): they ask when they are back. */
const keepMs = 10_000
const tryAgainMs = 1000
const patienceMs = 2000

type Call = { entries: Entry[]; since: number }
type Queue = {
  /** The calls that wait for the one under way; the last may take more events. */
  waiting: Call[]
  /** Settles with the last call so far. */
  lastCall: Promise<void>
}

const queue = processState('events', (): Queue => ({ waiting: [], lastCall: Promise.resolve() }))

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
  if (last && last.entries.length < most.events) last.entries.push(entry)
  else if (queue.waiting.length < most.calls) {
    queue.waiting.push({ entries: [entry], since: Date.now() })
    queue.lastCall = queue.lastCall.then(callNext)
  }
}

/** An event may arrive twice, if only the answer to its call was lost: its data says what it is about. */
async function callNext() {
  const call = queue.waiting.shift()
  while (call && Date.now() - call.since < keepMs) {
    try {
      return await trigger(call.entries)
    } catch (error) {
      logError('realtime.publish', error)
      if (error instanceof SoketiError) return
      await sleep(tryAgainMs)
    }
  }
}

/**
 * Resolves when all that was published so far has left, or after 2 s: a platform may freeze the process after its
 * answer, and nobody should wait for a Soketi that hangs.
 */
export const published = () => Promise.race([queue.lastCall, sleep(patienceMs, undefined, { ref: false })])
