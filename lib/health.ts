import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { soketi } from './realtime/soketi'

type State = 'ok' | 'unavailable'

/** What works. A part that does not answer within a second counts as unavailable. */
export async function checkHealth(): Promise<{ site: State; database: State; realtime: State }> {
  const [databaseState, realtime] = await Promise.all([
    check(database().execute(sql`select 1`)),
    // A signed call: Soketi's own readiness says yes even when nothing works.
    check(soketi().get({ path: '/channels', params: { filter_by_prefix: 'health' } })),
  ])
  return { site: 'ok', database: databaseState, realtime }
}

async function check(asking: Promise<unknown>): Promise<State> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<State>((resolve) => {
    timer = setTimeout(() => resolve('unavailable'), 1000)
  })
  const answered = asking.then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  )
  return Promise.race([answered, tooLong]).finally(() => clearTimeout(timer))
}
