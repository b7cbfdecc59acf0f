import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { soketi } from './realtime/soketi'
import type { Health } from './views'

type State = Health['site']

/** Don't probe a hanging service again before this, because each probe holds a connection. */
const probeAgainMs = 5000
const probes = new Map<string, Promise<State>>()

/** The state of the site and its services. A service that does not answer within a second is unavailable. */
export async function checkHealth(): Promise<Health> {
  const [databaseState, realtime] = await Promise.all([
    check('database', () => database().execute(sql`select 1`)),
    // A signed call, because Soketi's own readiness check succeeds even if nothing works.
    check('realtime', () => soketi().get({ path: '/channels', params: { filter_by_prefix: 'health' } })),
  ])
  return { site: 'ok', database: databaseState, realtime }
}

async function check(service: string, probe: () => Promise<unknown>): Promise<State> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<State>((resolve) => {
    timer = setTimeout(() => resolve('unavailable'), 1000)
  })
  const probing = probes.get(service) ?? startProbe(service, probe)
  return Promise.race([probing, tooLong]).finally(() => clearTimeout(timer))
}

function startProbe(service: string, probe: () => Promise<unknown>) {
  const probing = probe().then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  )
  const forget = () => probes.get(service) === probing && probes.delete(service)
  probes.set(service, probing)
  probing.then(forget)
  setTimeout(forget, probeAgainMs).unref()
  return probing
}
