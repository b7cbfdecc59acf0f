import 'server-only'
import { soketi } from './soketi'

/** Up to this many channels are asked for one by one, which costs less than the list of all. */
const maxSingle = 200
const atOnce = 50

/** The names of all channels with subscribers, on all nodes of Soketi. @throws if Soketi does not answer */
export async function listOccupied() {
  const response = await soketi().get({ path: '/channels' })
  const { channels } = (await response.json()) as { channels: Record<string, unknown> }
  return new Set(Object.keys(channels))
}

/** Which of these channels have subscribers. @throws if Soketi does not answer */
export async function findOccupied(names: string[]) {
  if (names.length > maxSingle) return listOccupied()
  const areOccupied: boolean[] = []
  for (let next = 0; next < names.length; next += atOnce)
    areOccupied.push(...(await Promise.all(names.slice(next, next + atOnce).map(isOccupied))))
  return new Set(names.filter((_name, index) => areOccupied[index]))
}

async function isOccupied(name: string) {
  const response = await soketi().get({ path: `/channels/${encodeURIComponent(name)}` })
  return ((await response.json()) as { occupied: boolean }).occupied
}
