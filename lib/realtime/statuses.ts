import 'server-only'
import { processState } from '@/db/process-state'
import { takeLease } from '@/lib/leases'
import { logError } from '@/lib/log'
import type { Status } from '@/lib/views'
import { peopleChannel } from './channels'
import { laterStatus } from './events'
import { event, publish } from './publish'

const everyMs = 1000
/** While another process has the turn. */
const retryMs = 100
/** About 25 kB, a quarter of Soketi's limit for an event. */
const peopleAtOnce = 200

type State = { waiting: Map<string, Status>; timer?: NodeJS.Timeout }

const state = processState('statuses', (): State => ({ waiting: new Map() }))

/** Publishes statuses to all pages that list people, in at most one event a second, also of several processes. */
export function publishStatuses(statuses: Status[]) {
  for (const status of statuses) {
    const known = state.waiting.get(status.id)
    state.waiting.set(status.id, known ? laterStatus(known, status) : status)
  }
  plan(0)
}

function plan(ms: number) {
  if (state.waiting.size) state.timer ??= setTimeout(publishNext, ms).unref()
}

async function publishNext() {
  const isMine = await takeLease('statuses', everyMs, 0).catch((error) =>
    logError('realtime.statuses', error),
  )
  if (isMine) {
    const people = [...state.waiting.values()].slice(0, peopleAtOnce)
    for (const { id } of people) state.waiting.delete(id)
    publish(event(peopleChannel, 'status.changed', { people }))
  }
  state.timer = undefined
  // A process that has just published waits a little longer than the others, so that all get a turn.
  plan(isMine ? everyMs + 2 * retryMs : retryMs * (0.5 + Math.random()))
}
