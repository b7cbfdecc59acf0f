import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type FileMutant, type TestRun, Workspace } from './mutation/workspace'

const usage = `Usage: npm run test:mutation -- <file, file:line or folder>... [--limit N] [--tests <regular expression>]
Plants faults there one at a time, and runs the tests that reach them. At most N faults a file, evenly spread.`

/** Slower test files are left out. */
const testWithinMs = 60_000
/** The number of test files that are run for each mutant. */
const testsEach = 5

type Test = { file: string; seconds: number; inTest: Set<number>; inSite: Set<number> }
const none = { killed: 0, survived: 0, 'not reached': 0 }
type Outcome = keyof typeof none

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string' }, tests: { type: 'string', default: '^(lib|app|site-tests)/' } },
})
const lines = new Set(positionals.filter((one) => one.includes(':')))
const sources = [...new Set(positionals.map((one) => one.replace(/:.*/, '')))]
  .flatMap(filesBelow)
  .filter((file) => !/\.i?test\.ts$/.test(file))
if (!sources.length) throw new Error(usage)
process.on('SIGINT', () => process.exit(1)).on('SIGTERM', () => process.exit(1))

const workspace = new Workspace()
await workspace.open(sources, console.log)
const tests = await recordTests()
const total = { ...none }
for (const source of sources) {
  const counts = { ...none }
  for (const mutant of sample(mutantsOf(source))) {
    const outcome = await tryMutant(mutant)
    counts[outcome]++
    total[outcome]++
    if (outcome !== 'killed') console.log(`${outcome}  ${describe(mutant)}`)
  }
  console.log(`${source}: ${inWords(counts)}`)
}
console.log(`\n${inWords(total)}`)
await workspace.close()
process.exit()

/** Runs each test file once, without mutants. */
async function recordTests() {
  const files = ['lib', 'app', 'site-tests', 'scripts']
    .flatMap(filesBelow)
    .filter((file) => /\.i?test\.ts$/.test(file) && new RegExp(values.tests).test(file))
  const found: Test[] = []
  for (const file of files) {
    const { passed, ...test } = await workspace.record(file, testWithinMs)
    if (passed) found.push({ file, ...test })
    else console.log(`left out  ${file}: failed after ${test.seconds.toFixed()} s`)
  }
  return found
}

async function tryMutant(mutant: FileMutant): Promise<Outcome> {
  const reaching = tests.filter((test) => test.inTest.has(mutant.id) || isInSite(mutant, test))
  if (!reaching.length) return 'not reached'
  for (const test of rank(reaching, mutant.file).slice(0, testsEach)) {
    const isUp = await workspace.switchSite(isInSite(mutant, test) ? mutant : undefined)
    if (!isUp) return 'killed'
    const withinMs = test.seconds * 3000 + 10_000
    const run: TestRun = await workspace.run(test.file, withinMs, mutant)
    if (!run.passed) return 'killed'
  }
  return 'survived'
}

/** Whether the test reaches it in the site, which loads each file only once for all tests. */
function isInSite({ id, atLoad, file }: FileMutant, { inSite }: Test) {
  const isLoaded = atLoad && workspace.mutants.some((one) => one.file === file && inSite.has(one.id))
  return isLoaded || inSite.has(id) || (workspace.loadedInSite?.has(id) ?? false)
}

/** The file's own tests first, then those that reach most of it in the least time. */
function rank(reaching: Test[], source: string) {
  const ids = workspace.mutants.filter(({ file }) => file === source).map(({ id }) => id)
  const own = nameOf(source)
  const worth = ({ file, inTest, inSite, seconds }: Test) =>
    nameOf(file) === own
      ? 1000 / seconds
      : ids.filter((id) => inTest.has(id) || inSite.has(id)).length / (seconds + 2)
  return reaching.sort((one, other) => worth(other) - worth(one))
}

function nameOf(file: string) {
  return basename(file).split('.')[0]
}

function place({ file, source, start }: FileMutant) {
  return `${file}:${source.slice(0, start).split('\n').length}`
}

function mutantsOf(source: string) {
  const all = workspace.mutants.filter(({ file }) => file === source)
  return lines.size ? all.filter((mutant) => lines.has(place(mutant))) : all
}

/** Evenly spread over the file. */
function sample(mutants: FileMutant[]) {
  const step = Math.max(1, mutants.length / Number(values.limit ?? mutants.length))
  return mutants.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}

function inWords(counts: typeof none) {
  return Object.entries(counts)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ')
}

/** The place, and what became of the source there. */
function describe(mutant: FileMutant) {
  const { source, start, end, text: after } = mutant
  const before = source.slice(start, end)
  let same = 0
  while (same < before.length && before[same] === after[same]) same++
  const show = (code: string) =>
    code.slice(Math.max(0, same - 30), same + 50).replace(/\s+/g, ' ') || '(nothing)'
  return `${place(mutant)}  ${show(before)}  →  ${show(after)}`
}

function filesBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.includes('node_modules'))
    .sort()
}
