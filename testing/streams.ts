import { type IncomingMessage, request } from 'node:http'
import { after } from 'node:test'
import { and, eq, gt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { memberships, streams } from '@/db/schema'
import { addressKey } from '@/lib/addresses'
import { eventually } from './eventually'
import { siteUrl } from './site'

type Options = { site?: string; token?: string; headers?: Record<string, string>; accept?: string }

const open = new Set<TestStream>()
after(() => {
  for (const stream of open) stream.close()
})

/** A response that is read as it comes. */
export class TestStream {
  text = ''
  /** Over, however it came to that. */
  isOver = false
  /** Over as the server wanted it, and not cut off. */
  isWhole = false
  readonly #asking

  private constructor(
    path: string,
    { site, token, headers, accept }: Options,
    opened: (answer: Answered) => void,
  ) {
    this.#asking = request(new URL(path, site ?? siteUrl()), {
      agent: false,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(accept && { accept }),
        ...headers,
      },
    })
    open.add(this)
    this.#asking.on('response', (answer) => {
      answer.setEncoding('utf8').on('data', (chunk) => {
        this.text += chunk
      })
      answer.on('error', () => {})
      answer.on('close', () => {
        this.isWhole = answer.complete
        this.#end()
      })
      opened(answer)
    })
    this.#asking.on('error', (error) => {
      this.#end()
      opened(error)
    })
    this.#asking.end()
  }

  /** Resolves when the head of the answer is there. */
  static async open(path: string, options: Options = {}) {
    let stream: TestStream | undefined
    const answer = await new Promise<Answered>((resolve) => {
      stream = new TestStream(path, options, resolve)
    })
    if (!stream || answer instanceof Error) throw answer
    return Object.assign(stream, { status: answer.statusCode, headers: answer.headers })
  }

  get lines() {
    // What stands after the last newline is not whole yet.
    return this.text.split('\n').slice(0, -1)
  }

  /** Resolves when the text has it. */
  shows = (part: string | RegExp, patienceMs = 5000) =>
    eventually(
      () => (typeof part === 'string' ? this.text.includes(part) : part.test(this.text)),
      patienceMs,
      10,
    ).catch((error) => {
      throw new Error(`${part} is not shown in:\n${this.text.slice(-2000)}`, { cause: error })
    })

  ends = (patienceMs = 5000) => eventually(() => this.isOver, patienceMs, 20)

  close() {
    this.#asking.destroy()
  }

  #end() {
    this.isOver = true
    open.delete(this)
  }
}

type Answered = IncomingMessage | Error

/** The messages that a stream of `application/x-ndjson` has brought so far. */
export const messagesOf = (stream: TestStream): { seq: number; body: string }[] =>
  stream.lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'message')

/** How many streams of the person count, on sites with limits. */
export const countStreams = ({ id }: { id: string }) =>
  database().$count(streams, and(eq(streams.userId, id), gt(streams.until, sql`now()`)))

/** As if so many people had streams open from the address. */
export const takePlaces = (count: number, address: string) =>
  database().execute(sql`
    insert into streams (user_id, address, until)
    select gen_random_uuid(), ${addressKey(address)}, now() + interval '1 hour' from generate_series(1, ${count}::int)`)

/** Until when the person counts as being in the room, unless a stream or tab of theirs is seen again. */
export async function attendsUntil({ id }: { id: string }, conversationId: string) {
  const [row] = await database()
    .select({ presentUntil: memberships.presentUntil })
    .from(memberships)
    .where(and(eq(memberships.userId, id), eq(memberships.conversationId, conversationId)))
  return row?.presentUntil?.getTime()
}
