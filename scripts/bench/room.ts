import { type Bench, openWays } from './context'
import { median, spread } from './statistics'

/** The time until the last person in a full room has a message. */
export async function measureRoom(bench: Bench) {
  const { clients, servers, report, isQuick, rounds } = bench
  const contenders = await openWays(bench, ({ way }) => ['floor', 'socket.io', 'API'].includes(way.kind))
  const opened = new Set<string>()
  for (const { way, room } of contenders) {
    // Ways that use the same Soketi share one socket for each person.
    const address = way.realtime?.url ?? way.url
    if (!opened.has(address)) await clients.run('openRoom', { way, room })
    opened.add(address)
  }
  const times: Record<string, number[]>[] = []
  for (let round = 0; round < rounds; round++)
    times.push(await clients.run('reachRoom', { ways: contenders, rounds: isQuick ? 10 : 30 }))
  const inRounds = (name: string) => times.map((round) => median(round[name] ?? []))
  const middle = (name: string) => median(inRounds(name))
  report.table(
    `The last of ${servers.seeded.room.people.length} in a room has a message after, ms`,
    ['p50', 'spread', '÷ floor'],
    contenders.map(({ way: { name } }) => [
      name,
      middle(name).toFixed(1),
      spread(inRounds(name), 1),
      (middle(name) / middle('floor')).toFixed(2),
    ]),
  )
  report.compare(
    'Last in the room, ms',
    Object.fromEntries(contenders.map(({ way: { name } }) => [name, middle(name).toFixed(1)])),
  )
  report.aim('Last in the room, API ÷ floor', middle('API') / middle('floor'), 1.25)
}
