import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { soketi } from './realtime/soketi'

type State = 'ok' | 'unavailable'

/** Of a part that hangs nobody asks again for a while: each question would hold a connection. */
const askAgainMs = 5000
const asked = new Map<string, Promise<State>>()

/** What works. A part that does not answer within a second counts as unavailable. */
export async function checkHealth(): Promise<{ site: State; database: State; realtime: State }> {
  const [databaseState, realtime] = await Promise.all([
    check('database', () => database().execute(sql`select 1`)),
    // A signed call: Soketi's own readiness says yes even when nothing works.
    check('realtime', () => soketi().get({ path: '/channels', params: { filter_by_prefix: 'health' } })),
  ])
  return { site: 'ok', database: databaseState, realtime }
}

async function check(part: string, ask: () => Promise<unknown>): Promise<State> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<State>((resolve) => {
    timer = setTimeout(() => resolve('unavailable'), 1000)
  })
  const asking = asked.get(part) ?? askOnce(part, ask)
  return Promise.race([asking, tooLong]).finally(() => clearTimeout(timer))
}

function askOnce(part: string, ask: () => Promise<unknown>) {
  const asking = ask().then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  )
  const forget = () => asked.get(part) === asking && asked.delete(part)
  asked.set(part, asking)
  asking.then(forget)
  setTimeout(forget, askAgainMs).unref()
  return asking
}
