import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { EnvSource } from '@/lib/env'
import type { Parley } from '../parley'
import { site } from '../services/site'
import { buildIfChanged, serverFile } from '../site-build'
import { Service } from '../supervisor'
import { startTemporaryParley } from '../temporary'
import { findMutants } from './mutants'
import { type Planted, plant } from './plant'

const root = fileURLToPath(new URL('../..', import.meta.url))
const isCopied = (path: string) => !/^(\..+|node_modules|package-lock\.json|docs|e2e)$/.test(basename(path))
const siteStartsWithinMs = 20_000

export type FileMutant = Planted & { file: string; source: string }
export type TestRun = { passed: boolean; seconds: number }

/** A copy of the tree with mutants planted in it, built once, with services and a site of its own. */
export class Workspace {
  readonly mutants: FileMutant[] = []
  /** Mutants that the site reaches before its first request. */
  loadedInSite: Set<number> | undefined
  /** Within the tree, so that packages are found. */
  readonly #folder = mkdtempSync(join(root, '.next-mutation-'))
  #parley: Parley | undefined
  #site: Service | undefined
  #siteMutant: number | undefined

  async open(files: string[], say: (line: string) => void) {
    process.once('exit', () => {
      this.#site?.abandon()
      rmSync(this.#folder, { recursive: true, force: true })
    })
    for (const name of readdirSync(root).filter(isCopied))
      cpSync(join(root, name), join(this.#folder, name), { recursive: true, filter: isCopied })
    symlinkSync(join(root, 'node_modules'), join(this.#folder, 'node_modules'))
    for (const file of files) this.#plantIn(file)
    this.#parley = await startTemporaryParley({
      site: 'none',
      env: { PARLEY_LIMITS: 'off' },
      say: () => {},
    })
    await buildIfChanged(this.#folder, this.#parley.env, say)
  }

  async close() {
    await this.#site?.stop()
    await this.#parley?.stop()
  }

  #plantIn(file: string) {
    const source = readFileSync(join(root, file), 'utf8')
    const first = this.mutants.length + 1
    const mutants = findMutants(source).map((one, index) => ({ ...one, id: first + index, file, source }))
    this.mutants.push(...mutants)
    writeFileSync(join(this.#folder, file), plant(source, mutants))
  }

  /** Runs a test file without mutants. @returns also the mutants it reached, here and in the site */
  async record(test: string, withinMs: number) {
    if (!this.#site) await this.#restartSite()
    const records = { site: this.#recordOf('site'), test: this.#recordOf('test') }
    this.loadedInSite ??= readIds(records.site)
    for (const record of Object.values(records)) rmSync(record, { force: true })
    this.#site?.kill('SIGUSR2')
    const run = await this.run(test, withinMs)
    return { ...run, inTest: readIds(records.test), inSite: readIds(records.site) }
  }

  #recordOf = (name: string) => join(this.#folder, `.reached-${name}`)

  /** Runs a test file, until its first failure. */
  async run(test: string, withinMs: number, mutant?: FileMutant): Promise<TestRun> {
    const began = performance.now()
    const child = spawn(
      process.execPath,
      ['--conditions=react-server', '--import=tsx', '--test-reporter=tap', test],
      {
        cwd: this.#folder,
        env: this.#env('test', mutant?.id) as NodeJS.ProcessEnv,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    const timer = setTimeout(end, withinMs)
    child.stdout.setEncoding('utf8').on('data', (text) => /^ *not ok/m.test(text) && end())
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    clearTimeout(timer)
    process.off('exit', end)
    return { passed: code === 0, seconds: (performance.now() - began) / 1000 }
  }

  /** Lets the site have this mutant, or none. @returns whether it started */
  async switchSite(mutant?: FileMutant) {
    return this.#siteMutant === mutant?.id || this.#restartSite(mutant?.id)
  }

  async #restartSite(mutant?: number) {
    await this.#site?.stop()
    const { env, dataDir, url } = this.#started
    const { hostname: host, port } = new URL(url)
    const options = site({
      root: this.#folder,
      serverFile: serverFile(this.#folder, env),
      mode: 'start',
      host,
      port: Number(port),
      logDir: join(dataDir, 'logs'),
      isQuiet: true,
      env: this.#env('site', mutant),
      show: () => {},
    })
    const service = new Service(options, { say: () => {} })
    this.#site = service
    this.#siteMutant = mutant
    const started = service.start().then(
      () => true,
      () => false,
    )
    const isUp = await Promise.race([started, sleep(siteStartsWithinMs, false, { ref: false })])
    if (!isUp) service.abandon()
    return isUp
  }

  #env(process: 'site' | 'test', mutant?: number): EnvSource {
    const { env, url, adminUrl } = this.#started
    return {
      ...env,
      PARLEY_SITE_URL: url,
      PARLEY_TEST_ADMIN_URL: adminUrl,
      NODE_OPTIONS: `--import=${new URL('switch.mjs', import.meta.url)}`,
      PARLEY_MUTANT: String(mutant ?? ''),
      PARLEY_REACHED: mutant ? '' : this.#recordOf(process),
    }
  }

  get #started() {
    if (!this.#parley) throw new Error('The workspace is not open.')
    return this.#parley
  }
}

const readIds = (file: string) =>
  new Set(existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [])
