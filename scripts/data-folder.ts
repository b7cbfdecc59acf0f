import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endProcess, isAlive, type ProcessRef, processRef } from './processes'

interface Running {
  launcher: ProcessRef
  port: number
  services: Record<string, ProcessRef>
}

/** The folder that holds a site's data. One launcher at a time uses it. */
export class DataFolder {
  readonly path: string
  readonly #file: string
  #running: Running | undefined

  constructor(path: string) {
    mkdirSync(path, { recursive: true })
    // PostgreSQL's command line, by which a leftover process is recognized, has the real path.
    this.path = realpathSync(path)
    this.#file = join(this.path, 'running.json')
    mkdirSync(join(this.path, 'logs'), { recursive: true })
  }

  get logs() {
    return join(this.path, 'logs')
  }

  /** Claims the folder for this process, and ends the processes that a killed launcher left running. */
  async claim(port: number) {
    const last = this.#read()
    if (last && !(await endsSoon(last.launcher)))
      throw new Error(
        `Parley already runs on the data folder ${this.path}, at PORT ${last.port}. Stop it first, or set PARLEY_DATA_DIR and PORT to start another.`,
      )
    const launcher = processRef(process.pid)
    if (!launcher) throw new Error('Cannot read when this process started. Does `ps` work here?')
    await Promise.all(Object.values(this.#read()?.services ?? {}).map((service) => endProcess(service)))
    this.#running = { launcher, port, services: {} }
    this.#write()
  }

  /** Whether a running launcher has claimed it. */
  isInUse() {
    const last = this.#read()
    return Boolean(last && isAlive(last.launcher))
  }

  /** Notes a service's process, so that the next launcher can end it if this one is killed. */
  noteProcess(service: string, pid: number) {
    const ref = processRef(pid)
    if (!ref || !this.#running) return
    this.#running.services[service] = ref
    this.#write()
  }

  release() {
    if (this.#running) rmSync(this.#file, { force: true })
    this.#running = undefined
  }

  #read(): Running | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'))
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  #write() {
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#running), { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }
}

/** Turns a permission error into a sentence that names the file's owner. Returns any other error unchanged. */
export function explainAccess(error: unknown) {
  const { code, path } = error as NodeJS.ErrnoException
  if (!path || (code !== 'EACCES' && code !== 'EPERM')) return error
  const { uid } = statSync(path, { throwIfNoEntry: false }) ?? statSync(dirname(path))
  const owner = uid === 0 ? 'root' : 'another user'
  return new Error(
    `This user may not use ${path}. Was the data folder first used by ${owner}? Start Parley as that user, or change the folder's owner with chown.`,
  )
}

/** Waits up to 3 s, because the other launcher may be stopping at this moment. */
async function endsSoon(launcher: ProcessRef) {
  for (const end = Date.now() + 3000; Date.now() < end && isAlive(launcher); ) await sleep(50)
  return !isAlive(launcher)
}
