import type { Clients } from './clients'
import type { Report } from './report'
import type { Contender, Servers } from './servers'

/** What each part of the bench works with. */
export interface Bench {
  servers: Servers
  clients: Clients
  report: Report
  isQuick: boolean
  /** How often everything is measured; the median counts. */
  rounds: number
  /** Starts the framework's empty site, once. */
  emptySite: () => Promise<{ url: string; pid: number }>
}

/** The contenders, with everything open that they send and receive by. */
export async function openWays({ servers, clients }: Bench, isWanted = (_: Contender) => true) {
  const contenders = servers.contenders.filter(isWanted)
  for (const { way, pairs } of contenders) await clients.run('open', { way, pairs })
  return contenders
}
