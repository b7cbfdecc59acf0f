import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** How to run a service: what the supervisor needs to know about it. */
export interface ServiceDefinition {
  /** Its name in the lines that users read. */
  name: string
  /** Starts the process, after removing anything that would make the start fail. */
  spawn: () => ChildProcess | Promise<ChildProcess>
  /** Polled after the start until it returns true. */
  isReady: (child: ChildProcess) => boolean | Promise<boolean>
  stopSignal: NodeJS.Signals
  /** Sent if the process still runs `patience` milliseconds after `stopSignal`. */
  killSignal: NodeJS.Signals
  patience: number
  /** Returns details for the error if the service does not start, such as the end of its log. */
  explain?: () => string | Promise<string>
}

interface Callbacks {
  /** Prints a line for the user. */
  say: (line: string) => void
  /** Called with the pid of each process right after its start. */
  onSpawn?: (pid: number) => void
}

const firstTries = 5
const readyWithinMs = 60_000

/** A process that is restarted whenever it ends, until it is stopped. */
export class Service {
  #child: ChildProcess | undefined
  #stopping = false
  #running: Promise<void> | undefined
  #up = false

  constructor(
    readonly definition: ServiceDefinition,
    readonly callbacks: Callbacks,
  ) {}

  get pid() {
    return this.#child?.pid
  }

  get isUp() {
    return this.#up
  }

  /** Resolves when the service is ready for the first time. @throws if it ends several times before that */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running = this.#run(resolve).catch(reject)
    })
  }

  async stop() {
    this.#stopping = true
    this.#child?.kill(this.definition.stopSignal)
    const timer = setTimeout(() => this.kill(), this.definition.patience)
    await this.#running
    clearTimeout(timer)
  }

  /** Kills the process. The service is restarted unless it was being stopped. */
  kill(signal = this.definition.killSignal) {
    this.#child?.kill(signal)
  }

  /** Kills the process without restarting it, and does not wait for its end. */
  abandon() {
    this.#stopping = true
    this.kill()
  }

  async #run(onReady: () => void) {
    const { name, explain } = this.definition
    const { say } = this.callbacks
    let wasUp = false
    for (let failures = 0; !this.#stopping; failures++) {
      if (failures) await sleep(Math.min(125 * 2 ** failures, 5000))
      if (this.#stopping) return
      const began = Date.now()
      const end = await this.#runOnce(() => {
        if (wasUp) say(`${name} is back.`)
        wasUp = true
        onReady()
      })
      if (this.#stopping) return
      if (!wasUp && failures + 1 >= firstTries)
        throw new Error(`${name} does not start (${end}).${explain ? `\n${await explain()}` : ''}`)
      if (wasUp) say(`${name} ended (${end}). Restarting it…`)
      if (Date.now() - began > 60_000) failures = 0
    }
  }

  /** Starts the process and waits for its end. @returns how it ended, for the user */
  async #runOnce(onReady: () => void) {
    const child = await this.definition.spawn()
    this.#child = child
    if (child.pid) this.callbacks.onSpawn?.(child.pid)
    // stop() may have been called during the spawn, when there was no process to signal.
    if (this.#stopping) this.kill()
    const exit = endOf(child)
    const deadline = setTimeout(() => this.kill(), readyWithinMs)
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
    while (!hasEnded(child)) {
      if (await this.definition.isReady(child)) return true
      await sleep(30)
    }
    return false
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

/** Waits for the end of the process. @returns its signal, exit code or spawn error as a text */
async function endOf(child: ChildProcess) {
  try {
    if (!hasEnded(child)) await once(child, 'exit')
    return child.signalCode ?? `exit code ${child.exitCode}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
