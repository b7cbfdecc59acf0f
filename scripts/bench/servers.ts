import { type Child, startChild } from './child'
import type { Site } from './parley'
import { type Pair, type Room, type Seed, seed } from './seed'
import type { Kind, Way } from './ways'

/** A way, with its people and the processes that serve it. */
export interface Contender {
  way: Way
  pairs: Pair[]
  room: Room
  /** Its own server, and all processes involved. */
  pids: { server: number; all: number[] }
}

export interface Servers {
  parley: Site
  seeded: Seed
  contenders: Contender[]
  stop: () => Promise<unknown>
}

/** Starts Parley, the servers it is compared with, and another checkout of Parley if `before` is given. */
export async function startServers(pairs: number, roomSize: number, before?: string): Promise<Servers> {
  const children: Child<unknown>[] = []
  const start = async <Ready>(...args: Parameters<typeof startChild>) => {
    const child = await startChild<Ready>(...args)
    children.push(child)
    return child
  }
  const { ready: parley } = await start<Site>('parley')
  const seeded = await seed(parley, pairs, roomSize)
  const contenders = contendersOf(parley, seeded, ['API', 'page', 'form'])
  const { postgres, soketi } = parley.pids
  for (const [kind, services] of [
    ['floor', [postgres, soketi]],
    ['socket.io', [postgres]],
  ] as const) {
    const { ready: url, pid } = await start<string>(kind.replace('.', '-'), { env: parley.env })
    const realtime = kind === 'floor' ? realtimeOf(parley) : undefined
    const way = { name: kind, kind, url, realtime }
    contenders.unshift({ way, ...seeded, pids: { server: pid, all: [pid, ...services] } })
  }
  if (before) {
    const { ready: old } = await start<Site>('parley', { cwd: before })
    contenders.push(
      ...contendersOf(old, await seed(old, pairs, roomSize), ['API', 'page', 'form'], 'before: '),
    )
  }
  return { parley, seeded, contenders, stop: () => Promise.all(children.map((child) => child.stop())) }
}

function contendersOf(site: Site, seeded: Seed, kinds: Kind[], prefix = ''): Contender[] {
  const pids = { server: site.pids.site, all: Object.values(site.pids) }
  return kinds.map((kind) => {
    const way = { name: prefix + kind, kind, url: site.url, realtime: realtimeOf(site) }
    return { way, ...seeded, pids }
  })
}

export function realtimeOf({ env }: Site) {
  const { SOKETI_URL = '', SOKETI_APP_KEY = '', SOKETI_APP_SECRET = '' } = env
  return { url: SOKETI_URL, key: SOKETI_APP_KEY, secret: SOKETI_APP_SECRET }
}
