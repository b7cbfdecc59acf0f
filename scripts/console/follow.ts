import { setTimeout as sleep } from 'node:timers/promises'
import type { Message, Person } from '@/lib/views'
import { linesOf } from '../lines'
import { Refused, type Site } from './site'

export type RoomEvent = ({ type: 'message' } & Message) | { type: 'joined' | 'left'; user: Person }

type Options = { after?: number; seconds?: number; signal: AbortSignal }

/** Beyond its time a stream that has not ended is dead. */
const graceMs = 10_000
/** No stream is followed by the next sooner than this. */
const paceMs = 500

/**
 * What is said in a room after `after`, or from the newest lines on, and who comes and goes: one stream after
 * another, each from where the last one ended, with nothing missed or doubled.
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
      // It ended in its time: all there was has been told.
      last ??= 0
    } catch (error) {
      // What broke off is taken up again.
      if (error instanceof Refused) throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      abort()
    }
    await pace
  }
}
