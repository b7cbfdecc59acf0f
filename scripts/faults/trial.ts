import { setTimeout as sleep } from 'node:timers/promises'
import { database } from '@/db/connection'
import { statusOf } from '../services/status'
import {
  findDifferences,
  findDuplicates,
  findGaps,
  findMissing,
  findOutOfOrder,
  findWronglyChanged,
  type StoredMessage,
} from './check'
import type { Client } from './clients'
import { causeFault, type Fault, faultName } from './faults'
import { createSetup, type Setup } from './setup'
import { readMessages, readPresent } from './stored'
import { type System, startSingle } from './system'

/** By the contract, a killed service is back within 30 s. On an idle machine everything takes 2 or 3. */
const recoveryMs = 30_000
/** By the contract, everything is right again this soon after Soketi's return. A killed Soketi first has to start. */
const recoveryAfterSoketiPauseMs = 15_000
/** GET /api/health reports a paused service after about a second. */
const healthWithinMs = 2000
const pollMs = 200

/** Faults of these leave it unknown who is connected. Nobody may go offline because of them. */
const realtime = /^(soketi|redis)/

/**
 * Runs a Parley in which people send and change messages while faults happen, and checks that no message and no change
 * is lost, duplicated or out of order.
 */
export class Trial {
  #setup!: Setup
  #faultCount = 0
  #siteOutput = ''
  #sending: Promise<unknown> = Promise.resolve()
  readonly #problems: string[] = []
  readonly #stopSending = new AbortController()
  #system!: System

  private constructor(readonly say: (line: string) => void) {}

  /**
   * Starts a Parley, whose settings become those of this process. `openClients` may add clients before the first
   * message, and `start` may start more than one site. Resolves when every client shows the first messages.
   */
  static async begin(
    say: (line: string) => void,
    openClients: (setup: Setup) => Promise<Client[]> = async () => [],
    start = startSingle,
  ) {
    const trial = new Trial(say)
    try {
      await trial.#begin(openClients, start)
    } catch (error) {
      await trial.close()
      throw error
    }
    return trial
  }

  async #begin(openClients: (setup: Setup) => Promise<Client[]>, start: typeof startSingle) {
    this.#system = await start((chunk) => (this.#siteOutput += chunk))
    Object.assign(process.env, this.#system.env)
    this.#setup = await createSetup(this.#system)
    this.#setup.clients.push(...(await openClients(this.#setup)))
    this.#sending = Promise.all(
      this.#setup.senders.map((sender) => sender.sendUntil(this.#stopSending.signal)),
    )
    if (!(await this.#recovers(performance.now(), this.#sendQuietly())))
      throw new Error(this.#problems.join('\n'))
  }

  /** Causes a fault, and waits until everything has recovered. */
  async causes(fault: Fault) {
    const pids = this.#pids()
    const endHold = fault.isInLongWork ? await this.#setup.longWork.begin() : () => {}
    const stopWatching = realtime.test(fault.service) ? await this.#watchPresence(fault) : () => {}
    try {
      let quietSends: Promise<unknown> = Promise.resolve()
      const began = await causeFault(this.#system, fault, async () => {
        quietSends = this.#sendQuietly()
        await endHold()
        if (fault.pausedSeconds) await this.#checkHealth(fault)
      })
      const isSoketiPaused = fault.service === 'soketi' && fault.pausedSeconds
      const isWell = await this.#recovers(
        began,
        quietSends,
        isSoketiPaused ? recoveryAfterSoketiPauseMs : recoveryMs,
      )
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      const outcome = isWell ? `recovered after ${seconds} s` : this.#problems.at(-1)
      this.say(`${faultName(fault).padEnd(28)} ${outcome}`)
    } finally {
      await stopWatching()
    }
    this.#faultCount++
    this.#checkPids(fault, pids)
    if (fault.isInLongWork) this.#problems.push(...(await this.#setup.longWork.check()))
  }

  /** Stops sending, waits until the clients show the last messages, and compares everything. */
  async finish() {
    this.#stopSending.abort()
    const timeout = sleep(recoveryMs, 'late', { ref: false })
    if ((await Promise.race([this.#sending, timeout])) === 'late')
      this.#problems.push('A last message was not acknowledged in time.')
    const end = Date.now() + recoveryMs
    while ((await this.#findDiffering(await readMessages())).length && Date.now() < end) await sleep(pollMs)
    const stored = await readMessages()
    const differing = await this.#findDiffering(stored)
    return this.#report(
      stored,
      differing.map(({ difference }) => difference),
    )
  }

  /** Ends everything, also after a failure, so that nothing keeps this process running. */
  async close() {
    this.#stopSending.abort()
    const { senders = [], quietSenders = [], changers = [], clients = [] } = this.#setup ?? {}
    for (const sender of [...senders, ...quietSenders, ...changers]) sender.giveUp()
    await Promise.allSettled(clients.map((client) => client.close()))
    await database().$client.end({ timeout: 5 })
    await this.#system?.stop()
  }

  #report(stored: StoredMessage[], differing: string[]) {
    const { senders, quietSenders, changers, clients } = this.#setup
    const all = [...senders, ...quietSenders]
    const acknowledged = all.flatMap((sender) => sender.acknowledged)
    const changed = changers.flatMap((changer) => changer.acknowledged)
    const faulty = {
      missing: findMissing(acknowledged, stored),
      duplicates: findDuplicates(stored),
      'out of order': findOutOfOrder(stored),
      gaps: findGaps(stored),
      'wrongly changed': findWronglyChanged(changed, stored),
      'valid requests refused': [...all, ...changers].flatMap((one) => one.refusals),
      'clients that differ': differing,
      'uncaught errors': this.#siteOutput.match(/(uncaughtException|unhandledRejection).*/g) ?? [],
      problems: this.#problems,
    }
    return {
      counts: {
        'sends acknowledged': acknowledged.length,
        stored: stored.length,
        'messages changed': changed.length,
        'of them deleted': changed.filter(({ isDeleted }) => isDeleted).length,
        faults: this.#faultCount,
        'clients compared': clients.length,
      },
      faulty,
      isOk: Object.values(faulty).every(({ length }) => length === 0),
    }
  }

  #sendQuietly = () =>
    Promise.all([
      ...this.#setup.quietSenders.map((sender) => sender.send()),
      ...this.#setup.changers.map((changer) => changer.change()),
    ])

  /**
   * Waits until all services answer, every sender's messages are acknowledged again, and every client shows all that
   * is stored by then. @returns whether that happened in time; otherwise it notes a problem
   */
  async #recovers(began: number, quietSends: Promise<unknown>, withinMs = recoveryMs) {
    const { senders } = this.#setup
    const before = senders.map((sender) => sender.acknowledged.length)
    let areQuietSendsDone = false
    let wasHealthy = false
    quietSends.then(() => {
      areQuietSendsDone = true
    })
    let stored: StoredMessage[] | undefined
    // Clients that have shown everything are not compared again, because reading a page is slow on a busy machine.
    let { clients } = this.#setup
    const findWaiting = async () => {
      if (!areQuietSendsDone) return ['the messages in quiet conversations']
      wasHealthy ||= (await this.#health()) === 200
      if (!wasHealthy) return ['GET /api/health']
      // Two messages, because the first may have been sent before the fault.
      const silent = senders.filter((sender, index) => sender.acknowledged.length < Number(before[index]) + 2)
      if (silent.length) return silent.map(({ name, lastAnswer }) => `${name}, answer: ${lastAnswer}`)
      stored ??= await readMessages()
      const differing = await this.#findDiffering(stored, clients)
      clients = differing.map(({ client }) => client)
      return differing.map(({ difference }) => difference)
    }
    for (; ; await sleep(pollMs)) {
      const waiting = await findWaiting()
      if (performance.now() - began > withinMs) {
        this.#problems.push(`Not recovered within ${withinMs / 1000} s: ${waiting.join('; ') || 'just now'}`)
        return false
      }
      if (!waiting.length) return true
    }
  }

  /** The clients that do not show what is stored, each with the first difference. Ignores newer messages. */
  async #findDiffering(stored: StoredMessage[], clients = this.#setup.clients) {
    const found = await Promise.all(
      clients.map(async (client) => {
        const { name, target, from, messages } = client
        const expected = stored.filter(({ conversationId }) => conversationId === target.id)
        const newest = Math.max(0, ...expected.map(({ seq }) => seq))
        const shown = (await Promise.resolve(messages()).catch(() => [])).filter(({ seq }) => seq <= newest)
        const differences = findDifferences(shown, expected, from)
        const difference = `${name}, ${differences.length} differences, first ${JSON.stringify(differences[0])}`
        return differences.length ? { client, difference } : []
      }),
    )
    return found.flat()
  }

  /**
   * Notes a problem if someone leaves a room or goes offline before the returned function is called. People without a
   * client in the room may leave it.
   */
  async #watchPresence(fault: Fault) {
    const { people, clients } = this.#setup
    const usernames = Object.values(people).map(({ username }) => username)
    const attended = clients.map(({ person, target }) => `${person.username} in ${target.room}`)
    const before = (await readPresent(usernames)).filter(
      (one) => one.endsWith(' online') || attended.includes(one),
    )
    const stop = new AbortController()
    const watching = (async () => {
      for (; !stop.signal.aborted; await sleep(pollMs)) {
        const now = new Set(await readPresent(usernames))
        const gone = before.filter((one) => !now.has(one))
        if (!gone.length) continue
        this.#problems.push(`${faultName(fault)}: gone: ${gone.join(', ')}`)
        return
      }
    })()
    return () => {
      stop.abort()
      return watching
    }
  }

  #pids = () =>
    Object.fromEntries(Object.entries(this.#system.services).map(([name, { pid }]) => [name, pid]))

  /** Only a killed service has another pid than before. */
  #checkPids(fault: Fault, before: Record<string, number | undefined>) {
    const now = this.#pids()
    for (const name of Object.keys(before))
      if ((now[name] === before[name]) === (name === fault.service && !fault.pausedSeconds))
        this.#problems.push(`${faultName(fault)}: ${name} had pid ${before[name]}, and has ${now[name]}.`)
  }

  /** A paused site does not answer. While another service is paused, the site reports it. */
  async #checkHealth(fault: Fault) {
    if (this.#system.twins.includes(fault.service)) return
    const expected = fault.service === 'site' ? undefined : 503
    const status = await this.#health()
    if (status !== expected)
      this.#problems.push(
        `${faultName(fault)}: GET /api/health answered ${status} within ${healthWithinMs} ms.`,
      )
  }

  /** The status of the sites. Of several, the first that is not 200. */
  async #health() {
    const statuses = await Promise.all(
      this.#system.urls.map((url) => statusOf(`${url}/api/health`, healthWithinMs)),
    )
    return statuses.find((status) => status !== 200) ?? statuses[0]
  }
}
