import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startClients } from './bench/clients'
import { startEmptySite } from './bench/empty-site'
import { measureLatency } from './bench/latency'
import { measureLoad } from './bench/load'
import { measureMemory } from './bench/memory'
import { measureOpenPages } from './bench/open-pages'
import { measurePage } from './bench/page'
import { measureOthers } from './bench/processes'
import { writeReadme } from './bench/readme'
import { Report } from './bench/report'
import { measureRoom } from './bench/room'
import { measureScripts } from './bench/scripts'
import { startServers } from './bench/servers'
import { measureClients, measureStreams } from './bench/streams'

const parts = {
  latency: measureLatency,
  load: measureLoad,
  room: measureRoom,
  pages: measureOpenPages,
  page: measurePage,
  scripts: measureScripts,
  clients: measureClients,
  streams: measureStreams,
}
type Part = keyof typeof parts | 'memory'
/** The others are measured only if they are named. */
const usual: Part[] = ['memory', 'latency', 'load', 'room', 'pages', 'page', 'scripts']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { before: { type: 'string' }, write: { type: 'boolean' } },
})
const isQuick = positionals.includes('quick')
const named = positionals.filter((name) => name !== 'quick')
const unknown = named.find((name) => !(name in parts) && name !== 'memory')
if (unknown)
  throw new Error(
    `There is no part ${unknown}. Parts are memory, ${Object.keys(parts).join(', ')}; “quick” shortens them.`,
  )
const wanted = named.length ? (named as Part[]) : usual

process.on('SIGINT', () => process.exit(1)).on('SIGTERM', () => process.exit(1))
const report = new Report()
// Before anything else runs: what processes share would count as less.
if (wanted.includes('memory')) await measured('memory', () => measureMemory(report))
const wantedParts = wanted.filter((name) => name !== 'memory')
if (wantedParts.length) await measureParts(wantedParts)
const results = report.end()
if (values.write) writeReadme({ ...results, drawing: report.drawing })
process.exit()

async function measureParts(names: (keyof typeof parts)[]) {
  const clients = await startClients()
  const servers = await startServers(50, 500, values.before && resolve(values.before))
  let empty: ReturnType<typeof startEmptySite> | undefined
  const emptySite = () => {
    empty ??= startEmptySite()
    return empty
  }
  const bench = { servers, clients, report, emptySite, isQuick, rounds: isQuick ? 1 : 3 }
  for (const name of names) await measured(name, () => parts[name](bench))
  await clients.stop()
  await servers.stop()
}

async function measured(name: Part, measure: () => Promise<void>) {
  const others = measureOthers()
  const began = performance.now()
  await measure()
  report.others(name, others(), (performance.now() - began) / 1000)
}
