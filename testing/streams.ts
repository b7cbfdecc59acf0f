import { type IncomingMessage, request } from 'node:http'
import { request as requestOverHttps } from 'node:https'
import { after } from 'node:test'
import { and, eq, gt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { memberships, streams } from '@/db/schema'
import { addressKey } from '@/lib/addresses'
import { eventually } from './eventually'
import { siteUrl } from './http'

type Options = { site?: string; token?: string; headers?: Record<string, string>; accept?: string }

const open = new Set<TestStream>()
after(() => {
  for (const stream of open) stream.close()
})

/** A response that is read as it arrives. */
export class TestStream {
  text = ''
  hasEnded = false
  /** Whether the server ended the response properly instead of cutting it off. */
  isComplete = false
  readonly #request

  private constructor(
    path: string,
    { site, token, headers, accept }: Options,
    opened: (result: Opened) => void,
  ) {
    const url = new URL(path, site ?? siteUrl())
    this.#request = (url.protocol === 'https:' ? requestOverHttps : request)(url, {
      agent: false,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(accept && { accept }),
        ...headers,
      },
    })
    open.add(this)
    this.#request.on('response', (response) => {
      response.setEncoding('utf8').on('data', (chunk) => {
        this.text += chunk
      })
      response.on('error', () => {})
      response.on('close', () => {
        this.isComplete = response.complete
        this.#end()
      })
      opened(response)
    })
    this.#request.on('error', (error) => {
      this.#end()
      opened(error)
    })
    this.#request.end()
  }

  /** Resolves when the headers have arrived. */
  static async open(path: string, options: Options = {}) {
    let stream: TestStream | undefined
    const response = await new Promise<Opened>((resolve) => {
      stream = new TestStream(path, options, resolve)
    })
    if (!stream || response instanceof Error) throw response
    return Object.assign(stream, { status: response.statusCode, headers: response.headers })
  }

  /** The complete lines. */
  get lines() {
    return this.text.split('\n').slice(0, -1)
  }

  /** Resolves when the text contains `part`. */
  shows = (part: string | RegExp, timeoutMs = 5000) =>
    eventually(
      () => (typeof part === 'string' ? this.text.includes(part) : part.test(this.text)),
      timeoutMs,
      10,
    ).catch((error) => {
      throw new Error(`${part} is not shown in:\n${this.text.slice(-2000)}`, { cause: error })
    })

  ends = (timeoutMs = 5000) => eventually(() => this.hasEnded, timeoutMs, 20)

  close() {
    this.#request.destroy()
  }

  #end() {
    this.hasEnded = true
    open.delete(this)
  }
}

type Opened = IncomingMessage | Error

/** The messages that have arrived on a stream of `application/x-ndjson`. */
export const messagesOf = (stream: TestStream): { seq: number; body: string }[] =>
  stream.lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'message')

/** Counts the person's open streams, as the limit does. */
export const countStreams = ({ id }: { id: string }) =>
  database().$count(streams, and(eq(streams.userId, id), gt(streams.until, sql`now()`)))

/** Records as many open streams of other people from the address. */
export const occupyStreams = (count: number, address: string) =>
  database().execute(sql`
    insert into streams (user_id, address, until)
    select gen_random_uuid(), ${addressKey(address)}, now() + interval '1 hour' from generate_series(1, ${count}::int)`)

/** When the person's membership of the room expires, unless one of their streams or tabs renews it. */
export async function attendsUntil({ id }: { id: string }, conversationId: string) {
  const [row] = await database()
    .select({ presentUntil: memberships.presentUntil })
    .from(memberships)
    .where(and(eq(memberships.userId, id), eq(memberships.conversationId, conversationId)))
  return row?.presentUntil?.getTime()
}
