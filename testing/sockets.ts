import assert from 'node:assert/strict'
import { after } from 'node:test'
import Pusher, { type Channel } from 'pusher-js'
import { typingEvent } from '@/lib/realtime/events'
import { authorizedBy, socketOptions } from '@/lib/realtime/pusher-options'
import { retryOften } from '@/lib/realtime/reconnect'
import type { TestPerson } from './people'
import { ask } from './site'

type Heard = { channel: string; event: string; data: Record<string, unknown>; userId?: string }
const patienceMs = 5000
const open = new Set<Pusher>()

after(() => {
  for (const pusher of open) pusher.disconnect()
})

/** A person's live connection through the real Soketi, signed in, with all that it hears. */
export class Socket {
  readonly heard: Heard[] = []
  readonly pusher: Pusher
  readonly #waiting = new Set<() => void>()

  constructor(readonly person: TestPerson) {
    this.pusher = new Pusher(String(process.env.SOKETI_APP_KEY), {
      ...socketOptions(String(process.env.SOKETI_URL)),
      ...authorizedBy(async (fields) => {
        const { status, body, text } = await ask('/api/realtime/auth', { token: person.token, body: fields })
        if (status !== 200) throw new Error(`${status} ${text}`)
        return body
      }),
    })
    open.add(this.pusher)
    retryOften(this.pusher)
    this.pusher.connection.bind('connected', () => letGo(this.pusher))
    this.pusher.connection.bind('state_change', () => this.#wake())
  }

  get isConnected() {
    return this.pusher.connection.state === 'connected'
  }

  /** Resolves when signed in, so that the end of the login session closes this socket. */
  async signIn() {
    const signedIn = new Promise((resolve) => this.pusher.bind('pusher:signin_success', resolve))
    this.pusher.signin()
    await inTime(signedIn, 'the sign-in')
    return this
  }

  async subscribe(name: string): Promise<Channel> {
    const channel = this.pusher.subscribe(name)
    const note = (heard: Omit<Heard, 'channel'>) => {
      this.heard.push({ channel: name, ...heard })
      this.#wake()
    }
    // Only a handler of the event itself is told who sent it.
    channel.bind(typingEvent, (data: Heard['data'], metadata?: { user_id?: string }) =>
      note({ event: typingEvent, data, userId: metadata?.user_id }),
    )
    channel.bind_global((event: string, data: Heard['data']) => {
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

  /** The first such event, that was heard or will be. */
  hears(event: string, isIt: (heard: Heard) => boolean = () => true): Promise<Heard> {
    const find = () => this.heard.find((one) => one.event === event && isIt(one))
    return inTime(this.#until(find), `${event} (heard: ${this.heard.map(({ event }) => event)})`)
  }

  count = (event: string) => this.heard.filter((one) => one.event === event).length

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
      patienceMs,
    )
  })
  return Promise.race([waiting, tooLate]).finally(() => clearTimeout(timer))
}

/** A socket that the server closes would wait 30 s for a farewell, and the process with it. To call once connected. */
export function letGo(pusher: Pusher) {
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
