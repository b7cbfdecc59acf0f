import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './bench/child'
import { measureOtherLoad } from './bench/processes'
import { writeSection } from './bench/readme'
import { Report } from './bench/report'
import { startDatabases } from './scale/databases'
import { measure } from './scale/measure'
import { explain } from './scale/plans'
import { startSite } from './scale/sites'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: 'boolean' } } })
const isQuick = positionals.includes('quick')

process.on('SIGINT', () => process.exit(1)).on('SIGTERM', () => process.exit(1))
const report = new Report()
const sizeOf = (people: number) => ({ people, conversations: people / 5, messages: people * 10 })
const sizes = { small: sizeOf(10_000), large: sizeOf(isQuick ? 100_000 : 1_000_000) }
const { dataDir, admin, urls } = await startDatabases(sizes, report)
const people = isQuick ? 20 : 100
const sites = {
  small: await startSite(urls.small, sizes.small, people),
  large: await startSite(urls.large, sizes.large, people),
}
const otherLoad = measureOtherLoad()
const began = performance.now()
await measure(sites, isQuick ? 4 : 12, report)
report.otherLoad('requests', otherLoad(), (performance.now() - began) / 1000)
const plans = await explain(sites.large, 'large', admin, dataDir)
if (!values.write) console.log(plans)
const { details } = report.end()
if (values.write) {
  writeSection('scale', `${details}\n\n`)
  writeFileSync(
    join(root, 'docs/scale-plans.md'),
    `# The query plans of the last \`npm run bench:scale\`, in its large database\n\n${plans}\n`,
  )
}
process.exit()
