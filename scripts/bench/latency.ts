import { type Bench, openWays } from './context'
import { median, percentile, spread } from './statistics'

/** The time from a send until the other person has the message, one message at a time. */
export async function measureLatency(bench: Bench) {
  const { clients, report, isQuick, rounds } = bench
  const contenders = await openWays(bench)
  const ways = contenders.flatMap(({ way, pairs: [pair] }) => (pair ? { way, pair } : []))
  const times: Record<string, number[]>[] = []
  for (let round = 0; round < rounds; round++)
    times.push(await clients.run('latency', { ways, rounds: isQuick ? 100 : 170 }))
  const inRounds = (name: string, part: number) => times.map((round) => percentile(round[name] ?? [], part))
  const middle = (name: string, part = 0.5) => median(inRounds(name, part))
  report.table(
    'Send to received by the other, ms',
    ['p50', 'spread', 'p95', 'p99', '÷ floor'],
    ways.map(({ way: { name } }) => [
      name,
      middle(name).toFixed(2),
      spread(inRounds(name, 0.5), 2),
      middle(name, 0.95).toFixed(2),
      middle(name, 0.99).toFixed(2),
      (middle(name) / middle('floor')).toFixed(2),
    ]),
  )
  const names = ways.map(({ way: { name } }) => name)
  report.compare(
    'Send to received, p50 in ms',
    Object.fromEntries(names.map((name) => [name, middle(name).toFixed(1)])),
  )
  for (const [name, atMost] of [
    ['API', 2],
    ['page', 2],
    ['form', 4],
  ] as const)
    report.aim(`Send to received, p50, ${name} ÷ floor`, middle(name) / middle('floor'), atMost)
}
