import 'server-only'
import { processState } from '@/db/process-state'
import type { Status } from '@/lib/views'
import { peopleChannel } from './channels'
import { laterStatus } from './events'
import { event, publish } from './publish'

const everyMs = 1000
/** About 25 kB, a quarter of Soketi's limit for an event. */
const peopleAtOnce = 200

type State = { waiting: Map<string, Status>; timer?: NodeJS.Timeout }

const state = processState('statuses', (): State => ({ waiting: new Map() }))

/** Publishes statuses to all pages that list people, in at most one event a second. */
export function publishStatuses(statuses: Status[]) {
  for (const status of statuses) {
    const known = state.waiting.get(status.id)
    state.waiting.set(status.id, known ? laterStatus(known, status) : status)
  }
  if (!state.timer) publishNext()
}

function publishNext() {
  state.timer = undefined
  const people = [...state.waiting.values()].slice(0, peopleAtOnce)
  if (!people.length) return
  for (const { id } of people) state.waiting.delete(id)
  publish(event(peopleChannel, 'status.changed', { people }))
  state.timer = setTimeout(publishNext, everyMs).unref()
}
