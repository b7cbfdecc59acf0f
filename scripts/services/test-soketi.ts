import { randomUUID } from 'node:crypto'
import { after, afterEach, before } from 'node:test'
import PusherServer from 'pusher'
import type { EnvSource } from '@/lib/env'
import { RawSocket } from '@/testing/raw-socket'
import type { Parley } from '../parley'
import { startTemporaryParley } from '../temporary'

/** A Soketi for the tests of one file. It is stopped at their end, and its sockets are closed after each test. */
export class TestSoketi {
  #parley!: Parley
  readonly #sockets: RawSocket[] = []
  /** A client of Soketi's HTTP API, which also signs for sockets. */
  api!: PusherServer

  constructor(env: EnvSource = {}) {
    before(async () => {
      // With the shared database, no PostgreSQL is started.
      const { DATABASE_URL } = process.env
      this.#parley = await startTemporaryParley({ site: 'none', env: { DATABASE_URL, ...env } })
      this.api = this.client()
    })
    afterEach(() => {
      for (const socket of this.#sockets.splice(0)) socket.destroy()
    })
    after(() => this.#parley?.stop())
  }

  get env() {
    return this.#parley.env
  }

  get url() {
    return this.setting('SOKETI_URL')
  }

  get key() {
    return this.setting('SOKETI_APP_KEY')
  }

  get pid() {
    return this.#parley.services.soketi?.pid
  }

  get dataDir() {
    return this.#parley.dataDir
  }

  setting = (name: string) => this.env[name] ?? ''

  client = (options: Partial<PusherServer.Options> = {}) =>
    new PusherServer({
      appId: this.setting('SOKETI_APP_ID'),
      key: this.key,
      secret: this.setting('SOKETI_APP_SECRET'),
      host: '127.0.0.1',
      port: new URL(this.url).port,
      ...options,
    } as PusherServer.Options)

  async open(headers?: Record<string, string>) {
    const socket = await RawSocket.open(this.url, this.key, headers)
    this.#sockets.push(socket)
    return socket
  }

  async signIn(socket: RawSocket, id: string) {
    socket.send({ event: 'pusher:signin', data: this.api.authenticateUser(socket.id, { id }) })
    await socket.receives(({ event }) => event === 'pusher:signin_success')
  }

  /** Subscribes with a valid signature. @returns the event that answers */
  subscribe(socket: RawSocket, channel: string, userId = 'ada') {
    const member = channel.startsWith('presence-') ? { user_id: userId } : undefined
    return socket.subscribe(channel, this.api.authorizeChannel(socket.id, channel, member))
  }

  /** The names of the channels that have subscribers. */
  async occupiedChannels() {
    const answer = await this.api.get({ path: '/channels' })
    return Object.keys(((await answer.json()) as { channels: object }).channels)
  }
}

export const conversationChannel = () => `private-conversation-${randomUUID()}`
export const presenceChannel = () => `presence-conversation-${randomUUID()}`
export const subscribed = 'pusher_internal:subscription_succeeded'
export const refused = 'pusher:subscription_error'
