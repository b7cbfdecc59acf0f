import { setTimeout as sleep } from 'node:timers/promises'
import type { Message, Person } from '@/lib/views'
import { linesOf } from '../lines'
import { Refused, type Site } from './site'

export type RoomEvent = ({ type: 'message' } & Message) | { type: 'joined' | 'left'; user: Person }

type Options = { after?: number; seconds?: number; signal: AbortSignal }

/** A stream that has not ended this long after its time is given up. */
const graceMs = 10_000
/** The shortest time between the starts of two streams. */
const paceMs = 500

/**
 * The messages of a room after `after`, or from the newest ones on, and who joins and leaves. Opens one stream after
 * another, each from the end of the last one, so that no message is missed or repeated.
 * @throws {Refused}
 */
export async function* follow(
  site: Site,
  room: string,
  { after, seconds = 60, signal }: Options,
): AsyncGenerator<RoomEvent> {
  let last = after
  while (!signal.aborted) {
    const pace = sleep(paceMs)
    const attempt = new AbortController()
    const abort = () => attempt.abort()
    signal.addEventListener('abort', abort)
    const timer = setTimeout(abort, seconds * 1000 + graceMs)
    try {
      const query = new URLSearchParams({
        timeout: `${seconds}`,
        ...(last !== undefined && { after: `${last}` }),
      })
      const path = `/api/room/${encodeURIComponent(room)}?${query}`
      for await (const line of linesOf(await site.open(path, attempt.signal))) {
        const event = JSON.parse(line || '{}') as RoomEvent
        if (event.type === 'message') {
          if (last !== undefined && event.seq <= last) continue
          last = event.seq
        }
        yield event
      }
      // The stream ended regularly, so if it had no message, the room has none.
      last ??= 0
    } catch (error) {
      // After a lost connection, the next stream continues.
      if (error instanceof Refused) throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      abort()
    }
    await pace
  }
}
