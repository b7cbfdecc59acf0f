import { startChild } from './child'
import { type Bench, openWays } from './context'
import { type LoadResult, loadColumns, loadRow, runLoad, summarize } from './load'
import type { Site } from './parley'
import type { Contender } from './servers'

const processes = 2
const sharedSettings = /^(DATABASE_URL|SOKETI_(URL|APP_\w+)|AUTH_SECRET)$/

/** Compares a site of one process with a site of two, on the same PostgreSQL and Soketi. */
export async function measureSeveralProcesses(bench: Bench) {
  const { parley } = bench.servers
  const shared = Object.entries(parley.env).filter(([name]) => sharedSettings.test(name))
  const settings = JSON.stringify({ ...Object.fromEntries(shared), PARLEY_PROCESSES: String(processes) })
  const { ready: several, stop } = await startChild<Site>('parley', { env: { BENCH_SETTINGS: settings } })
  const ofOne = (await openWays(bench)).filter(({ way }) => way.kind === 'API' || way.kind === 'page')
  const contenders = ofOne.flatMap((contender) => [contender, onSite(contender, several)])
  const rates = [500, 1000]
  const seconds = bench.isQuick ? 3 : 10
  const results: LoadResult[] = []
  // Without this, the code of a new process would not be optimized yet.
  for (const contender of contenders) await runLoad(bench.clients, contender, 200, seconds)
  for (let round = 0; round < bench.rounds; round++)
    for (const rate of rates)
      for (const contender of contenders) results.push(await runLoad(bench.clients, contender, rate, seconds))
  await stop()

  bench.report.table(
    `One process and ${processes}: 50 conversations, 100 sockets, ${seconds} s`,
    loadColumns,
    summarize(contenders, rates, results).map(loadRow),
  )
}

/** The same way to send, on the site with several processes. */
function onSite({ way, pids, ...people }: Contender, { url, pids: { site } }: Site): Contender {
  const all = [site, ...pids.all.filter((pid) => pid !== pids.server)]
  return {
    ...people,
    way: { ...way, url, name: `${way.name}, ${processes} processes` },
    pids: { server: site, all },
  }
}
