import { parseArgs } from 'node:util'
import { Report } from './bench/report'
import { startDatabases } from './scale/databases'
import { measure } from './scale/measure'
import { startSite } from './scale/sites'

const { positionals } = parseArgs({ allowPositionals: true })
const isQuick = positionals.includes('quick')

process.on('SIGINT', () => process.exit(1)).on('SIGTERM', () => process.exit(1))
const large = isQuick ? 100_000 : 1_000_000
const sizeOf = (people: number) => ({ people, conversations: people / 5, messages: people * 10 })
const sizes = { small: sizeOf(10_000), large: sizeOf(large) }
const { parley, admin, urls } = await startDatabases(sizes)
const people = isQuick ? 20 : 100
const sites = {
  small: await startSite(urls.small, sizes.small, people),
  large: await startSite(urls.large, sizes.large, people),
}
const report = new Report()
await measure(sites, isQuick ? 4 : 12, report)
report.end()
process.exit()
