import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ServiceOptions {
  name: string
  /** Starts its process, after clearing away whatever stands in its way. */
  spawn: () => ChildProcess | Promise<ChildProcess>
  /** Whether it does its work yet; asked again and again. */
  isReady: (child: ChildProcess) => boolean | Promise<boolean>
  /** Asks it to end, and after `patience` milliseconds makes it. */
  stopSignal: NodeJS.Signals
  killSignal: NodeJS.Signals
  patience: number
  /** Told of each process right after it was started. */
  onSpawn?: (pid: number) => void
  /** What is known of why it does not start. */
  explain?: () => string | Promise<string>
  say: (line: string) => void
}

const firstTries = 5
const readyWithin = 60_000

/** A process that is started again whenever it ends, until it is stopped. */
export class Service {
  #child: ChildProcess | undefined
  #stopping = false
  #running: Promise<void> | undefined
  #up = false

  constructor(readonly options: ServiceOptions) {}

  get pid() {
    return this.#child?.pid
  }

  get isUp() {
    return this.#up
  }

  /** Resolves when it is ready for the first time. @throws when it does not get there. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running = this.#run(resolve).catch(reject)
    })
  }

  async stop() {
    this.#stopping = true
    this.#signal(this.options.stopSignal)
    const timer = setTimeout(() => this.kill(), this.options.patience)
    await this.#running
    clearTimeout(timer)
  }

  /** Ends it at once; unless it was stopped before, it comes back. */
  kill(signal = this.options.killSignal) {
    this.#signal(signal)
  }

  /** Ends it at once and for good. */
  abandon() {
    this.#stopping = true
    this.kill()
  }

  async #run(onReady: () => void) {
    const { name, say, explain } = this.options
    let wasUp = false
    for (let failures = 0; !this.#stopping; failures++) {
      if (failures) await sleep(Math.min(125 * 2 ** failures, 5000))
      if (this.#stopping) return
      const began = Date.now()
      const end = await this.#once(() => {
        if (wasUp) say(`${name} is back.`)
        wasUp = true
        onReady()
      })
      if (this.#stopping) return
      if (!wasUp && failures + 1 >= firstTries)
        throw new Error(`${name} does not start (${end}).${explain ? `\n${await explain()}` : ''}`)
      if (wasUp) say(`${name} ended (${end}); starting it again.`)
      if (Date.now() - began > 60_000) failures = 0
    }
  }

  /** One life of the process; returns how it ended. */
  async #once(onReady: () => void) {
    const { spawn, onSpawn, killSignal } = this.options
    const child = await spawn()
    this.#child = child
    if (child.pid) onSpawn?.(child.pid)
    // Stopped while it was being started: there was nothing to signal then.
    if (this.#stopping) this.#signal(killSignal)
    const exit = endOf(child)
    const deadline = setTimeout(() => this.kill(), readyWithin)
    if (await Promise.race([this.#becomesReady(child), exit.then(() => false)])) {
      this.#up = true
      onReady()
    }
    clearTimeout(deadline)
    const end = await exit
    this.#up = false
    this.#child = undefined
    return end
  }

  async #becomesReady(child: ChildProcess) {
    while (child.exitCode === null && child.signalCode === null) {
      if (await this.options.isReady(child)) return true
      await sleep(30)
    }
    return false
  }

  #signal(signal: NodeJS.Signals) {
    this.#child?.kill(signal)
  }
}

/** Resolves, in words, when the process has ended. */
async function endOf(child: ChildProcess) {
  try {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child.signalCode ?? `exit code ${child.exitCode}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
