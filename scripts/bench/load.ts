import { setTimeout as sleep } from 'node:timers/promises'
import type { Clients } from './clients'
import { type Bench, openWays } from './context'
import { drawLoad } from './plot'
import { cpuTimeOfTree, memoryOfTree } from './processes'
import type { Contender } from './servers'
import { median, percentile, spread } from './statistics'

/** The form is measured at one rate only, because people do not send hundreds of messages a second by hand. */
const formRate = 200

/** The result of one way at one rate in one round. */
export interface LoadResult {
  name: string
  rate: number
  /** Percent. */
  delivered: number
  p50: number
  p99: number
  /** Seconds of CPU for 1,000 messages: of all processes involved, and of the way's own server. */
  cpu: number
  ownCpu: number
  lateMs: number
  memory: number
}

/** Sends in 50 conversations with both people's sockets open, at rising rates and by each way in turn. */
export async function measureLoad(bench: Bench) {
  const { clients, report, isQuick, rounds } = bench
  const contenders = await openWays(bench)
  const rates = isQuick ? [200, 500] : [50, 200, 500, 1000]
  const seconds = isQuick ? 3 : 10
  const results: LoadResult[] = []
  for (let round = 0; round < rounds; round++)
    for (const rate of rates)
      for (const contender of contenders)
        if (contender.way.kind !== 'form' || rate === formRate)
          results.push(await runLoad(clients, contender, rate, seconds))

  const found = summarize(contenders, rates, results)
  const floor = (rate: number) =>
    found.find((it) => it.name === 'floor' && it.rate === rate)?.cpu ?? Number.NaN
  report.table(
    `Load: 50 conversations, 100 sockets, ${seconds} s`,
    [...loadColumns, 'CPU ÷ floor'],
    found.map((it) => [...loadRow(it), (it.cpu / floor(it.rate)).toFixed(2)]),
  )
  compare('CPU seconds per 1,000 messages, at 200/s', 200, ({ cpu }) => cpu.toFixed(1))
  compare('Delivered at 500/s, %', 500, ({ delivered }) => delivered.toFixed(0))
  compare('Received at 500/s, p50 in ms', 500, ({ p50 }) => p50.toFixed(1))
  compare('Memory after the load, MB', rates.at(-1) ?? 0, ({ memory }) => memory.toFixed(0))
  for (const it of found.filter(({ name }) => name === 'API' || name === 'page')) {
    const at = `${it.name} at ${it.rate}/s`
    if (it.rate === 200) report.aim(`CPU per 1,000, ${at} ÷ floor`, it.cpu / floor(200), 2)
    if (it.rate !== 500) continue
    report.aim(`Not delivered, ${at}, %`, 100 - it.delivered, 0, 0)
    report.aim(`p50, ${at}, ms`, it.p50, 50, 1)
  }
  const memory = Math.max(
    ...found.filter(({ name }) => name === 'API' || name === 'page').map((it) => it.memory),
  )
  report.aim('Memory after the load, MB', memory, 450, 0)
  report.drawing = drawLoad(found)

  function compare(measure: string, atRate: number, value: (it: LoadResult) => string) {
    const shown = found.filter(({ rate }) => rate === atRate)
    report.compare(measure, Object.fromEntries(shown.map((it) => [it.name, value(it)])))
  }
}

export const loadColumns = [
  'delivered %',
  'p50 ms',
  'spread',
  'p99 ms',
  'late s',
  'CPU s/1,000',
  'its server',
  'MB after',
]

export const loadRow = (it: Summary) => [
  `${it.name} at ${it.rate}/s`,
  it.delivered.toFixed(0),
  it.p50.toFixed(1),
  it.p50Spread,
  it.p99.toFixed(1),
  (it.lateMs / 1000).toFixed(1),
  it.cpu.toFixed(2),
  it.ownCpu.toFixed(2),
  it.memory.toFixed(0),
]

type Summary = ReturnType<typeof summarize>[number]

/** The results of each contender at each rate, over all rounds. */
export const summarize = (contenders: Contender[], rates: number[], results: LoadResult[]) =>
  rates.flatMap((rate) =>
    contenders.flatMap(({ way: { name } }) =>
      summarizeRounds(results.filter((it) => it.name === name && it.rate === rate)),
    ),
  )

/** The median of each value over the rounds. */
function summarizeRounds(rounds: LoadResult[]) {
  const [first] = rounds
  if (!first) return []
  const middle = (name: Exclude<keyof LoadResult, 'name'>) => median(rounds.map((round) => round[name]))
  return {
    name: first.name,
    rate: first.rate,
    delivered: middle('delivered'),
    p50: middle('p50'),
    p50Spread: spread(
      rounds.map(({ p50 }) => p50),
      1,
    ),
    p99: middle('p99'),
    cpu: middle('cpu'),
    ownCpu: middle('ownCpu'),
    lateMs: middle('lateMs'),
    memory: middle('memory'),
  }
}

export async function runLoad(
  clients: Clients,
  { way, pairs, pids }: Contender,
  rate: number,
  seconds: number,
): Promise<LoadResult> {
  const load = { way, pairs, rate, seconds }
  await untilIdle(pids.all)
  // Sends a first message in each conversation, so that all connections are open.
  await clients.run('load', { ...load, rate: pairs.length * 2, seconds: 0.5 })
  const before = [cpuTimeOfTree(...pids.all), cpuTimeOfTree(pids.server)] as const
  const { times, planned, stored, lateMs, failures, failure } = await clients.run('load', load)
  if (failures) console.log(`${way.name} at ${rate}/s: ${failures} sends failed: ${failure}`)
  return {
    name: way.name,
    rate,
    delivered: (times.length / planned) * 100,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    // Milliseconds per message are seconds per 1,000 messages.
    cpu: (cpuTimeOfTree(...pids.all) - before[0]) / stored,
    ownCpu: (cpuTimeOfTree(pids.server) - before[1]) / stored,
    lateMs,
    memory: memoryOfTree(...pids.all),
  }
}

/** Waits until a server has finished its remaining work, which would slow down the next measurement. */
async function untilIdle(pids: number[]) {
  const end = Date.now() + 15_000
  for (let used = Number.POSITIVE_INFINITY; used > 60 && Date.now() < end; ) {
    const before = cpuTimeOfTree(...pids)
    await sleep(200)
    used = cpuTimeOfTree(...pids) - before
  }
}
