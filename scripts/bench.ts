import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startClients } from './bench/clients'
import { startEmptySite } from './bench/empty-site'
import { measureIdle } from './bench/idle'
import { measureLatency } from './bench/latency'
import { measureLoad } from './bench/load'
import { measureMemory } from './bench/memory'
import { measureOpenPages } from './bench/open-pages'
import { measurePage } from './bench/page'
import { measureOtherLoad } from './bench/processes'
import { writeReadme } from './bench/readme'
import { Report } from './bench/report'
import { measureRoom } from './bench/room'
import { measureScripts } from './bench/scripts'
import { startServers } from './bench/servers'
import { measureSeveralProcesses } from './bench/several-processes'
import { measureClients, measureStreams } from './bench/streams'

const measurements = {
  latency: measureLatency,
  load: measureLoad,
  room: measureRoom,
  pages: measureOpenPages,
  page: measurePage,
  scripts: measureScripts,
  clients: measureClients,
  streams: measureStreams,
  processes: measureSeveralProcesses,
}
type Measurement = keyof typeof measurements | 'memory' | 'idle'
/** The others run only if they are named. */
const usual: Measurement[] = ['memory', 'latency', 'load', 'room', 'pages', 'page', 'scripts']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { before: { type: 'string' }, write: { type: 'boolean' } },
})
const isQuick = positionals.includes('quick')
const named = positionals.filter((name) => name !== 'quick')
const alone = ['memory', 'idle']
const unknown = named.find((name) => !(name in measurements) && !alone.includes(name))
if (unknown)
  throw new Error(
    `Unknown measurement ${unknown}. There are: ${alone.join(', ')}, ${Object.keys(measurements).join(', ')}. “quick” shortens them.`,
  )
const wanted = named.length ? (named as Measurement[]) : usual

process.on('SIGINT', () => process.exit(1)).on('SIGTERM', () => process.exit(1))
const report = new Report()
// First, because memory pages that are shared with other processes would count less.
if (wanted.includes('memory')) await measured('memory', () => measureMemory(report))
if (wanted.includes('idle')) await measured('idle', () => measureIdle(report, isQuick))
const others = wanted.filter((name): name is keyof typeof measurements => !alone.includes(name))
if (others.length) await measureServers(others)
const results = report.end()
if (values.write) writeReadme({ ...results, drawing: report.drawing })
process.exit()

async function measureServers(names: (keyof typeof measurements)[]) {
  const clients = await startClients()
  const servers = await startServers(50, 500, values.before && resolve(values.before))
  let empty: ReturnType<typeof startEmptySite> | undefined
  const emptySite = () => {
    empty ??= startEmptySite()
    return empty
  }
  const bench = { servers, clients, report, emptySite, isQuick, rounds: isQuick ? 1 : 3 }
  for (const name of names) await measured(name, () => measurements[name](bench))
  await clients.stop()
  await servers.stop()
}

async function measured(name: Measurement, measure: () => Promise<void>) {
  const otherLoad = measureOtherLoad()
  const began = performance.now()
  await measure()
  report.otherLoad(name, otherLoad(), (performance.now() - began) / 1000)
}
