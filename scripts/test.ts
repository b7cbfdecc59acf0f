import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EnvSource } from '@/lib/env'
import { requirePrograms } from './apt'
import { requireChromium } from './chromium'
import type { Parley } from './parley'
import { startTemporaryParley } from './temporary'
import {
  addCounts,
  type Counts,
  countCheck,
  countPlaywright,
  countTap,
  noTests,
  summary,
} from './test-counts'

const phases = { types, lint, unit, integration, e2e }
/** Run only by name, because they need programs of the system. */
const otherPhases = { proxies }
const allPhases = { ...phases, ...otherPhases }
type Phase = keyof typeof allPhases

const [only, filter = ''] = process.argv.slice(2)
if (only && !(only in allPhases))
  throw new Error(`Usage: npm test [-- ${Object.keys(allPhases).join('|')} [part of a file's name]]`)

// A build folder apart from that of `npm start`, and a folder for reports that is removed at the end.
process.env.PARLEY_BUILD_DIR = '.next-test'
const reports = mkdtempSync(join(tmpdir(), 'parley-reports-'))
let parley: Promise<Parley> | undefined
let running: ChildProcess | undefined

process.on('SIGINT', leave).on('SIGTERM', leave)
let total = noTests
for (const phase of (only ? [only] : Object.keys(phases)) as Phase[]) {
  console.log(`\n── ${phase} ──`)
  const counts = await allPhases[phase]().catch((error: Error) => {
    console.error(error.message)
    return countCheck(false)
  })
  console.log(`${phase}: ${summary(counts)}`)
  total = addCounts(total, counts)
}
await cleanUp()
console.log(`\n${summary(total)}`)
process.exit(total.failed ? 1 : 0)

async function types() {
  // A fresh clone does not have the generated types of the routes.
  const generated = await node(['node_modules/next/dist/bin/next', 'typegen'])
  return countCheck(generated && (await node(['node_modules/typescript/bin/tsc', '--noEmit'])))
}

async function lint() {
  return countCheck(await node(['node_modules/@biomejs/biome/bin/biome', 'ci', '.']))
}

async function unit() {
  return nodeTests('unit', '.test.ts', process.env)
}

async function integration() {
  return nodeTests('integration', '.itest.ts', await siteEnv())
}

/** nginx and Caddy with the configurations that we ship. */
async function proxies() {
  requirePrograms(['nginx', 'caddy', 'openssl'], console.log)
  return nodeTests(
    'proxies',
    '.ptest.ts',
    await siteEnv({ TRUST_PROXY: 'true', SOKETI_SOCKETS_PER_ADDRESS: '20' }),
  )
}

async function e2e() {
  if (!existsSync('e2e/playwright.config.ts')) return noTests
  const PARLEY_CHROMIUM = requireChromium(console.log)
  const report = join(reports, 'e2e.json')
  const env = { ...(await siteEnv()), PARLEY_CHROMIUM, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  const args = ['test', '-c', 'e2e', '--reporter=list,json', '--pass-with-no-tests']
  const ok = await node(['node_modules/@playwright/test/cli.js', ...args, ...(filter ? [filter] : [])], env)
  return withFailure(ok, existsSync(report) ? countPlaywright(readFileSync(report, 'utf8')) : noTests)
}

/** Runs the test files with this ending by Node.js's own test runner. */
async function nodeTests(name: string, ending: string, env: EnvSource) {
  const files = ['app', 'db', 'lib', 'scripts', 'site-tests'].flatMap((folder) => testFiles(folder, ending))
  if (!files.length) return noTests
  const report = join(reports, `${name}.tap`)
  const reporters = ['spec:stdout', `tap:${report}`].flatMap((reporter) => {
    const [kind, ...destination] = reporter.split(':')
    return [`--test-reporter=${kind}`, `--test-reporter-destination=${destination.join(':')}`]
  })
  // Two files at a time, because they mostly wait.
  const runner = ['--conditions=react-server', '--import=tsx', '--test', '--test-concurrency=2']
  const ok = await node([...runner, ...reporters, ...files], env)
  return withFailure(ok, existsSync(report) ? countTap(readFileSync(report, 'utf8')) : noTests)
}

function testFiles(folder: string, ending: string) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith(ending) && file.includes(filter) && !file.includes('node_modules'))
    .sort()
}

/** Counts a failure if the runner failed without a failed test. */
function withFailure(ok: boolean, counts: Counts) {
  return ok || counts.failed ? counts : addCounts(counts, countCheck(false))
}

/**
 * The environment of the services and the built site, which are started at the first call. By default without limits,
 * which would stop the tests because all come from one address.
 */
async function siteEnv(settings: EnvSource = { PARLEY_LIMITS: 'off' }): Promise<EnvSource> {
  parley ??= startTemporaryParley({ env: settings })
  const { env, url, adminUrl } = await parley
  return { ...env, PARLEY_SITE_URL: url, PARLEY_TEST_ADMIN_URL: adminUrl }
}

async function node(args: string[], env: EnvSource = process.env) {
  running = spawn(process.execPath, args, {
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(running, 'exit')
  running = undefined
  return code === 0
}

async function cleanUp() {
  await parley?.then(({ stop }) => stop()).catch(() => {})
  rmSync(reports, { recursive: true, force: true })
}

function leave() {
  running?.kill()
  cleanUp().finally(() => process.exit(1))
}
