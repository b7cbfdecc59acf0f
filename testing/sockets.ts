import assert from 'node:assert/strict'
import { after } from 'node:test'
import Pusher, { type Channel } from 'pusher-js'
import { typingEvent } from '@/lib/realtime/events'
import { authorizedBy, socketOptions } from '@/lib/realtime/pusher-options'
import { retryOften } from '@/lib/realtime/reconnect'
import { request } from './http'
import type { TestPerson } from './people'

type Received = { channel: string; event: string; data: Record<string, unknown>; userId?: string }
const timeoutMs = 5000
const open = new Set<Pusher>()

after(() => {
  for (const pusher of open) pusher.disconnect()
})

/** A person's connection to the real Soketi, and the events it has received. */
export class Socket {
  readonly received: Received[] = []
  readonly pusher: Pusher
  readonly #waiting = new Set<() => void>()

  constructor(readonly person: TestPerson) {
    this.pusher = new Pusher(String(process.env.SOKETI_APP_KEY), {
      ...socketOptions(String(process.env.SOKETI_URL)),
      ...authorizedBy(async (fields) => {
        const { status, body, text } = await request('/api/realtime/auth', {
          token: person.token,
          body: fields,
        })
        if (status !== 200) throw new Error(`${status} ${text}`)
        return body
      }),
    })
    open.add(this.pusher)
    retryOften(this.pusher)
    this.pusher.connection.bind('connected', () => closeAtOnce(this.pusher))
    this.pusher.connection.bind('state_change', () => this.#wake())
  }

  get isConnected() {
    return this.pusher.connection.state === 'connected'
  }

  /** Resolves when signed in. From then on, the end of the login session closes this socket. */
  async signIn() {
    const signedIn = new Promise((resolve) => this.pusher.bind('pusher:signin_success', resolve))
    this.pusher.signin()
    await inTime(signedIn, 'the sign-in')
    return this
  }

  async subscribe(name: string): Promise<Channel> {
    const channel = this.pusher.subscribe(name)
    const note = (event: Omit<Received, 'channel'>) => {
      this.received.push({ channel: name, ...event })
      this.#wake()
    }
    // Only a handler of this one event gets the sender's id.
    channel.bind(typingEvent, (data: Received['data'], metadata?: { user_id?: string }) =>
      note({ event: typingEvent, data, userId: metadata?.user_id }),
    )
    channel.bind_global((event: string, data: Received['data']) => {
      if (event !== typingEvent && !event.startsWith('pusher:')) note({ event, data })
    })
    await inTime(
      new Promise((resolve, reject) => {
        channel.bind('pusher:subscription_succeeded', resolve)
        channel.bind('pusher:subscription_error', reject)
      }),
      `the subscription of ${name}`,
    )
    return channel
  }

  /** Resolves with the first such event, which may have been received already. */
  receives(event: string, isIt: (event: Received) => boolean = () => true): Promise<Received> {
    const find = () => this.received.find((one) => one.event === event && isIt(one))
    return inTime(this.#until(find), `${event} (received: ${this.received.map(({ event }) => event)})`)
  }

  count = (event: string) => this.received.filter((one) => one.event === event).length

  types = (channel: Channel) => channel.trigger(typingEvent, {})

  closes = () =>
    inTime(
      this.#until(() => !this.isConnected),
      'the close',
    )

  disconnect() {
    open.delete(this.pusher)
    this.pusher.disconnect()
  }

  async #until<T>(find: () => T): Promise<NonNullable<T>> {
    for (;;) {
      const found = find()
      if (found) return found
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #wake() {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

export const connect = (person: TestPerson) => new Socket(person).signIn()

async function inTime<T>(waiting: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `not in time: ${what}` })),
      timeoutMs,
    )
  })
  return Promise.race([waiting, tooLate]).finally(() => clearTimeout(timer))
}

/** Keeps a socket that the server closes from holding the process for 30 s. Call it once connected. */
export function closeAtOnce(pusher: Pusher) {
  const { connection } = pusher.connection as unknown as {
    connection: { transport: { socket: { close: () => void; _closeTimer?: NodeJS.Timeout } } }
  }
  const { socket } = connection.transport
  const close = socket.close.bind(socket)
  socket.close = () => {
    close()
    socket._closeTimer?.unref()
  }
}
