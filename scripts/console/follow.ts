import { setTimeout as sleep } from 'node:timers/promises'
import type { Message, Person } from '@/lib/views'
import { linesOf } from '../lines'
import { Refused, type Site } from './site'

export type StreamEvent =
  | { name: 'message.created' | 'message.changed'; id: string; data: Message }
  /** Older messages are no longer kept. */
  | { name: 'conversation.touched'; id: string; data: unknown }
  | { name: 'member.joined' | 'member.left'; data: Person }
  /** A stream was opened. */
  | { name: 'open' }

/** `from` is the id of the last event that was handled. */
type Options = { from?: string; seconds?: number; signal: AbortSignal }

/** A stream that has not ended this long after its time is given up. */
const graceMs = 10_000
/** The shortest time between the starts of two streams. */
const paceMs = 500

/**
 * What happens in a conversation after an event, or from its newest messages on. Opens one stream after another, each
 * from the end of the last one, so that no message or change is missed or repeated.
 * @param path the path of the conversation's stream
 * @throws {Refused}
 */
export async function* follow(
  site: Site,
  path: string,
  { from, seconds = 60, signal }: Options,
): AsyncGenerator<StreamEvent> {
  let last = from
  while (!signal.aborted) {
    const pace = sleep(paceMs)
    const attempt = new AbortController()
    const abort = () => attempt.abort()
    signal.addEventListener('abort', abort)
    const timer = setTimeout(abort, seconds * 1000 + graceMs)
    try {
      const [after = '', since = ''] = last?.split('.') ?? []
      const query = new URLSearchParams({ timeout: `${seconds}`, after, since })
      const chunks = await site.open(`${path}?${query}`, attempt.signal, 'text/event-stream')
      yield { name: 'open' }
      for await (const event of eventsIn(linesOf(chunks))) {
        if ('id' in event) last = event.id
        yield event
      }
      // The stream ended regularly, so if it had no message, the conversation has none.
      last ??= '0'
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

/** The complete events in the lines of server-sent events. Each has one line of data. */
async function* eventsIn(lines: AsyncIterable<string>) {
  let fields: Record<string, string> = {}
  for await (const line of lines) {
    const [, field = '', value = ''] = /^(\w+): (.*)$/s.exec(line) ?? []
    if (field) fields[field] = value
    if (line) continue
    const { event: name, id, data } = fields
    if (data) yield { name, ...(id && { id }), data: JSON.parse(data) } as StreamEvent
    fields = {}
  }
}
