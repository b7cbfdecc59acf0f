import type { Clients } from './clients'
import type { Report } from './report'
import type { Contender, Servers } from './servers'

/** What each measurement works with. */
export interface Bench {
  servers: Servers
  clients: Clients
  report: Report
  isQuick: boolean
  /** How often everything is measured. The median counts. */
  rounds: number
  /** Starts the framework's empty site at the first call. */
  emptySite: () => Promise<{ url: string; pid: number }>
}

/** The contenders, after opening all their connections. */
export async function openWays({ servers, clients }: Bench, isWanted = (_: Contender) => true) {
  const contenders = servers.contenders.filter(isWanted)
  for (const { way, pairs } of contenders) await clients.run('open', { way, pairs })
  return contenders
}
