import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import type { WebSocket } from 'ws'
import { startChild } from './child'
import type { Site } from './parley'
import { cpuTimeOfTree, memoryOfTree } from './processes'
import type { Report } from './report'
import { realtimeOf } from './servers'
import { openPusher } from './sockets'
import { percentile } from './statistics'

interface Idler {
  id: string
  loginSessionId: string
}

/** Includes at least one list of all channels (lib/presence-check.ts). */
const measuredMs = 120_000
const patienceMs = 30_000

/** What people cost who are connected and do nothing, and how long their statuses take to change. */
export async function measureIdle(report: Report, isQuick: boolean) {
  const count = isQuick ? 1000 : 10_000
  const { ready: site, stop } = await startChild<Site>('parley')
  const sql = postgres(site.env.DATABASE_URL ?? '', { max: 1 })
  const people = await makePeople(sql, count + 100)
  const [idle, others] = [people.slice(0, count), people.slice(count)]
  const statuses = new Statuses(sql)
  const before = await measureCpu(site)
  const emptySoketi = memoryOfTree(site.pids.soketi)
  const sockets = await openSockets(site, idle)
  await statuses.become('online', idle)
  // Their statuses go to all of them, 200 in each second.
  await sleep(10_000 + (count / 200) * 1000)
  const connected = await measureCpu(site)
  const memory = memoryOfTree(site.pids.soketi)

  const [leaving, left] = [sockets.slice(0, 100), idle.slice(0, 100)]
  for (const socket of leaving) socket.terminate()
  const offline = statuses.become('offline', left)
  await openSockets(site, others)
  const [online, gone] = [await statuses.become('online', others), await offline]
  await sql.end()
  for (const socket of sockets) socket.terminate()
  await stop()

  const row = (name: string, { postgres, soketi, site }: Cpu) => [
    name,
    ...[site, soketi, postgres, site + soketi + postgres].map((percent) => percent.toFixed(2)),
  ]
  report.table(
    `CPU without any activity, % of a core, for ${measuredMs / 1000} s`,
    ['site', 'Soketi', 'PostgreSQL', 'together'],
    [row('nobody connected', before), row(`${count} sockets`, connected)],
  )
  report.table(
    'Memory of Soketi, MB',
    ['together', 'kB a socket'],
    [[`${count} sockets`, memory.toFixed(0), (((memory - emptySoketi) * 1024) / count).toFixed(0)]],
  )
  report.table(
    'Until a status has changed, s',
    ['median', 'last'],
    [
      ['100 people connect', percentile(online, 0.5).toFixed(1), Math.max(...online).toFixed(1)],
      ['100 connections are lost', percentile(gone, 0.5).toFixed(1), Math.max(...gone).toFixed(1)],
    ],
  )
  const { postgres: database, soketi, site: itself } = connected
  report.aim(`${count} idle sockets, % of a core`, database + soketi + itself, 2)
  report.aim('Until a status has changed, s', Math.max(...online, ...gone), 10, 1)
}

const makePeople = (sql: postgres.Sql, count: number) => sql<Idler[]>`
  with people as (
    insert into users (username, password_hash)
    select 'idle-' || number, 'none' from generate_series(1, ${count}) number returning id
  )
  insert into login_sessions (user_id, client)
  select id, 'browser' from people returning user_id as id, id as "loginSessionId"`

/** Opens their sockets with the channels of a page that lists people, a hundred at a time. */
async function openSockets(site: Site, people: Idler[]) {
  const realtime = realtimeOf(site)
  const open = ({ id, loginSessionId }: Idler) =>
    openPusher(
      realtime,
      { id },
      [`#server-to-user-${loginSessionId}`, `private-user-${id}`, 'private-people'],
      () => {},
      loginSessionId,
    )
  const sockets: WebSocket[] = []
  for (let next = 0; next < people.length; next += 100)
    sockets.push(...(await Promise.all(people.slice(next, next + 100).map(open))))
  return sockets
}

type Cpu = Awaited<ReturnType<typeof measureCpu>>

/** The CPU time of each service in percent of a core. */
async function measureCpu({ pids }: Site) {
  const times = () => Object.values(pids).map((pid) => cpuTimeOfTree(pid))
  const [names, before, began] = [Object.keys(pids), times(), performance.now()]
  await sleep(measuredMs)
  const took = performance.now() - began
  const percent = times().map((time, index) => ((time - (before[index] ?? 0)) / took) * 100)
  return Object.fromEntries(names.map((name, index) => [name, percent[index]])) as Record<
    keyof Site['pids'],
    number
  >
}

/** Reads statuses from the database, as the pages do. */
class Statuses {
  constructor(readonly sql: postgres.Sql) {}

  /** Waits until all have this status. @returns how long each took, in seconds */
  async become(status: 'online' | 'offline', people: Idler[]) {
    const [began, times] = [performance.now(), new Map<string, number>()]
    const ids = people.map(({ id }) => id)
    while (times.size < people.length) {
      const seconds = (performance.now() - began) / 1000
      if (seconds * 1000 > patienceMs)
        throw new Error(`${people.length - times.size} people are not ${status} after ${seconds} s.`)
      const rows = await this.sql<{ id: string }[]>`
        select user_id as id from presence
        where user_id = any(${ids}::uuid[]) and announced_online = ${status === 'online'}`
      for (const { id } of rows) if (!times.has(id)) times.set(id, seconds)
      await sleep(100)
    }
    return [...times.values()]
  }
}
