import { setTimeout as sleep } from 'node:timers/promises'
import { and, asc, eq } from 'drizzle-orm'
import { database } from '@/db/connection'
import { conversations, memberships, messages, presence, users } from '@/db/schema'
import { isOnline } from '@/lib/users'
import { ask } from '../http'
import { type Parley, serviceNames } from '../parley'
import { startTemporaryParley } from '../temporary'
import { findDifferences, findDoubled, findGaps, findMisplaced, findMissing, type Stored } from './check'
import { type Address, type Client, PusherClient, StreamClient } from './clients'
import { type Fault, faultName, inflict } from './faults'
import { direct, room, somebody } from './people'
import { Sender } from './senders'

export type Scene = Awaited<ReturnType<typeof setScene>>
export type Report = ReturnType<Trial['report']>

/** A service that was killed is back within 30 s, by the contract; on an idle machine all takes 2 or 3. */
const wellWithinMs = 30_000
/** By the contract everything is right again so soon after Soketi's return; when it was killed it takes a moment to start. */
const wellAfterPauseMs = 15_000
/** A service that does not answer counts as away after a second. */
const healthWithinMs = 2000

/** Four people, two direct conversations and two rooms; in the quiet ones something is said only during a fault. */
async function setScene({ url, env }: Parley) {
  const [ada, bob, cyd, dan] = await Promise.all(['ada', 'bob', 'cyd', 'dan'].map(somebody))
  if (!ada || !bob || !cyd || !dan) throw new Error('The people were not made.')
  const [busy, other, quiet] = await Promise.all([direct(ada, bob), direct(cyd, dan), direct(ada, cyd)])
  const [tea, still] = await Promise.all([room(ada, 'tea'), room(ada, 'still')])
  const address: Address = {
    url,
    realtime: { key: String(env.SOKETI_APP_KEY), url: String(env.SOKETI_URL) },
  }
  return {
    address,
    people: { ada, bob, cyd, dan },
    places: { busy, quiet, tea, still },
    senders: [
      new Sender(url, ada, busy, 'api'),
      new Sender(url, ada, busy, 'form'),
      new Sender(url, bob, busy, 'form'),
      new Sender(url, cyd, other, 'api'),
      new Sender(url, dan, other, 'api'),
      new Sender(url, bob, tea, 'api'),
      new Sender(url, cyd, tea, 'api'),
      new Sender(url, dan, tea, 'form'),
    ],
    whisperers: [new Sender(url, ada, quiet, 'api'), new Sender(url, dan, still, 'api')],
    clients: [
      new PusherClient(address, bob, busy),
      new PusherClient(address, cyd, other),
      new PusherClient(address, ada, tea),
      new PusherClient(address, cyd, quiet),
      new PusherClient(address, cyd, still),
      new StreamClient(address, bob, tea),
      new StreamClient(address, dan, still),
    ] as Client[],
  }
}

/** People who talk while one fault after the other befalls the services of a Parley, and whether all was kept. */
export class Trial {
  #inflicted = 0
  /** What went wrong on the way, in sentences. */
  readonly #complaints: string[] = []
  readonly #end = new AbortController()
  readonly #talking: Promise<unknown>

  private constructor(
    readonly parley: Parley,
    readonly scene: Scene,
    readonly say: (line: string) => void,
    /** All that the site has written. */
    readonly siteOutput: () => string,
  ) {
    this.#talking = Promise.all(scene.senders.map((sender) => sender.sendUntil(this.#end.signal)))
  }

  /** Starts a Parley, whose settings become this process's own. `watch` may add clients before anyone speaks. */
  static async begin(
    say: (line: string) => void,
    watch: (scene: Scene) => Promise<Client[]> = async () => [],
  ) {
    let output = ''
    const parley = await startTemporaryParley({
      env: { PARLEY_LIMITS: 'off' },
      say: () => {},
      onSiteOutput: (chunk) => (output += chunk),
    })
    Object.assign(process.env, parley.env)
    const scene = await setScene(parley)
    scene.clients.push(...(await watch(scene)))
    const trial = new Trial(parley, scene, say, () => output)
    await trial.#warmsUp()
    return trial
  }

  /** Every client shows what is said, before anything befalls them. */
  async #warmsUp() {
    const whispered = Promise.all(this.scene.whisperers.map((sender) => sender.send()))
    if (!(await this.#becomesWell(performance.now(), whispered))) throw new Error(this.#complaints.join('\n'))
  }

  /** Inflicts a fault, and waits until all is well again. */
  async suffers(fault: Fault) {
    const pids = this.#pids()
    let whispered: Promise<unknown> = Promise.resolve()
    const watch = fault.service === 'soketi' ? await this.#watchRooms(fault) : undefined
    const began = await inflict(this.parley, fault, async () => {
      whispered = Promise.all(this.scene.whisperers.map((sender) => sender.send()))
      if (fault.pausedSeconds) await this.#checkHealth(fault)
    })
    const isSoketiPaused = fault.service === 'soketi' && fault.pausedSeconds
    const isWell = await this.#becomesWell(began, whispered, isSoketiPaused ? wellAfterPauseMs : wellWithinMs)
    await watch?.end()
    this.#inflicted++
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    const outcome = isWell ? `well again after ${seconds} s` : this.#complaints.at(-1)
    this.say(`${faultName(fault).padEnd(28)} ${outcome}`)
    this.#checkPids(fault, pids)
  }

  /** Ends the talking, gives the clients the time to hear of the last messages, and compares. */
  async ends() {
    this.#end.abort()
    const isOver = await Promise.race([this.#talking.then(() => true), tooLate(wellWithinMs, false)])
    if (!isOver) this.#complaints.push('Somebody’s last message was not acknowledged in time.')
    const stored = await readStored()
    for (const end = Date.now() + wellWithinMs; Date.now() < end; await sleep(200))
      if (!(await this.#behind(stored)).length) break
    return this.report(await readStored(), await this.#behind(await readStored()))
  }

  async close() {
    this.#end.abort()
    await Promise.all(this.scene.clients.map((client) => client.close()))
    await database().$client.end()
    await this.parley.stop()
  }

  report(stored: Stored[], behind: string[]) {
    const { senders, whisperers, clients } = this.scene
    const all = [...senders, ...whisperers]
    const acknowledged = all.flatMap((sender) => sender.acknowledged)
    const faulty = {
      missing: findMissing(acknowledged, stored),
      doubled: findDoubled(stored),
      'out of order': findMisplaced(stored),
      gaps: findGaps(stored),
      'refused without a reason': all.flatMap((sender) => sender.refusals),
      'clients that differ': behind,
      'errors nobody caught': this.siteOutput().match(/(uncaughtException|unhandledRejection).*/g) ?? [],
      complaints: this.#complaints,
    }
    return {
      counts: {
        'sends acknowledged': acknowledged.length,
        stored: stored.length,
        faults: this.#inflicted,
        'clients compared': clients.length,
      },
      faulty,
      isWhole: Object.values(faulty).every(({ length }) => length === 0),
    }
  }

  /** All services answer, everyone's sends are acknowledged again, and every client has what is stored by then. */
  async #becomesWell(began: number, whispered: Promise<unknown>, withinMs = wellWithinMs) {
    const deadline = began + withinMs
    const { senders } = this.scene
    const isHealthy = async () => (await this.#health()).status === 200
    const before = senders.map((sender) => sender.acknowledged.length)
    let waitingFor = 'the whispers'
    const steps = async () => {
      await whispered
      waitingFor = 'GET /api/health'
      while (!(await isHealthy())) await pauseBetween()
      for (;;) {
        // The first may have been on its way for long.
        const silent = senders.filter(
          ({ acknowledged }, index) => acknowledged.length < Number(before[index]) + 2,
        )
        if (!silent.length) break
        waitingFor = silent.map(({ name, lastAnswer }) => `${name}, answer: ${lastAnswer}`).join('; ')
        await pauseBetween()
      }
      const stored = await readStored()
      for (;;) {
        const behind = await this.#behind(stored)
        if (!behind.length) return true
        waitingFor = behind.join('; ')
        await pauseBetween()
      }
    }
    const isWell = await Promise.race([steps(), tooLate(deadline - performance.now(), false)])
    if (!isWell) this.#complaints.push(`Not well within ${withinMs / 1000} s: ${waitingFor}`)
    return isWell
  }

  /** The clients that lack something, up to what is stored, or have something else; each with the first difference. */
  async #behind(stored: Stored[]) {
    const found = await Promise.all(
      this.scene.clients.map(async ({ name, place, from, lines }) => {
        const expected = stored.filter(({ conversationId }) => conversationId === place.id)
        const newest = Math.max(0, ...expected.map(({ seq }) => seq))
        // More may have come since.
        const seen = (await Promise.resolve(lines()).catch(() => [])).filter(({ seq }) => seq <= newest)
        const differences = findDifferences(seen, expected, from)
        return differences.length
          ? `${name}, ${differences.length} places, first ${JSON.stringify(differences[0])}`
          : []
      }),
    )
    return found.flat()
  }

  /** Notes everyone who leaves a room, or goes offline, until `end`: while Soketi is away nobody does. */
  async #watchRooms(fault: Fault) {
    const before = await readPresent()
    let isOver = false
    const watching = (async () => {
      for (; !isOver; await pauseBetween()) {
        const now = new Set(await readPresent())
        const gone = before.filter((one) => !now.has(one))
        if (!gone.length) continue
        return this.#complaints.push(`${faultName(fault)}: gone: ${gone.join(', ')}`)
      }
    })()
    return {
      end: () => {
        isOver = true
        return watching
      },
    }
  }

  #pids = () => Object.fromEntries(serviceNames.map((name) => [name, this.parley.services[name]?.pid]))

  #checkPids(fault: Fault, before: Record<string, number | undefined>) {
    const now = this.#pids()
    for (const name of serviceNames)
      if ((now[name] === before[name]) === (name === fault.service && !fault.pausedSeconds))
        this.#complaints.push(`${faultName(fault)}: ${name} had pid ${before[name]}, and has ${now[name]}.`)
  }

  async #checkHealth({ service, ...fault }: Fault) {
    const expected = service === 'site' ? 0 : 503
    const began = performance.now()
    const { status } = await this.#health()
    const ms = performance.now() - began
    if (status !== expected || (expected && ms > healthWithinMs))
      this.#complaints.push(
        `${faultName({ service, ...fault })}: GET /api/health answered ${status} after ${ms.toFixed(0)} ms.`,
      )
  }

  #health = () =>
    Promise.race([ask(`${this.parley.url}/api/health`), tooLate(healthWithinMs, { status: 0 })]).catch(
      () => ({
        status: 0,
      }),
    )
}

const pauseBetween = () => sleep(200)

/** What a race ends with at the latest. Nobody waits for it after the race. */
const tooLate = <T>(ms: number, outcome: T) => sleep(ms, outcome, { ref: false })

/** Everyone who is in a room, by room and name, and everyone who is online. */
async function readPresent() {
  const rows = await database()
    .select({ who: users.username, room: conversations.name, isOnline })
    .from(users)
    .leftJoin(presence, eq(presence.userId, users.id))
    .leftJoin(memberships, eq(memberships.userId, users.id))
    .leftJoin(
      conversations,
      and(eq(conversations.id, memberships.conversationId), eq(conversations.kind, 'room')),
    )
  return rows.flatMap(({ who, room, isOnline }) => [
    ...(room ? [`${who} in ${room}`] : []),
    ...(isOnline ? [`${who} online`] : []),
  ])
}

/** What is stored, whole; where the connection broke off, from a new one. */
async function readStored(): Promise<Stored[]> {
  const { conversationId, seq, body } = messages
  const read = () => database().select({ conversationId, seq, body }).from(messages).orderBy(asc(seq))
  return read().catch(() => read())
}
