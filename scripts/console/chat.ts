import { randomUUID } from 'node:crypto'
import type { Conversation, User } from '@/lib/views'
import { type Command, commandHelp } from './commands'
import { follow, type RoomEvent } from './follow'
import { formatMessage, formatNote } from './format'
import type { Screen } from './screen'
import { Refused, type Site } from './site'

type Session = { user: User; token: string }
type Wish = { username?: string; password?: string }

/** Somebody, in a room or in none. */
export class Chat {
  #me?: User
  #room?: string
  /** The newest message that was shown of it. */
  #last?: number
  #stream?: AbortController

  constructor(
    readonly site: Site,
    readonly screen: Screen,
  ) {}

  /** Does what a line asks for. @returns whether to go on @throws {Refused} */
  async obey(command: Command): Promise<boolean> {
    switch (command.verb) {
      case 'say':
        await this.#say(command.body)
        break
      case 'login':
        this.#become(await this.#logIn({ username: command.name, password: command.password }))
        if (this.#room) await this.join(this.#room, this.#last)
        break
      case 'join':
        await this.join(command.room)
        break
      case 'who':
        await this.#tellWho()
        break
      case 'leave':
        await this.#leave()
        break
      case 'help':
        this.screen.print(commandHelp)
        break
      case 'misunderstand':
        throw new Refused(command.hint)
    }
    return command.verb !== 'quit'
  }

  /** Begins as somebody. @throws {Refused | Away} where the site is not there */
  async begin(wish: Wish) {
    this.#become(await this.#logIn(wish, this.site.ask))
  }

  /** Shows a room: its newest messages, or those after `after`, and all that follows. */
  async join(room: string, after?: number) {
    const stop = new AbortController()
    const events = follow(this.site, room, { after, signal: stop.signal })
    await events.next()
    this.#out()
    this.#stream = stop
    this.#room = room
    this.#last = after
    this.screen.prompt(`${room}> `)
    this.screen.note(`You are in ${room} as ${this.#me?.username}.`)
    this.#show(events, stop.signal)
  }

  /** Ends the login session, which nobody else has. */
  async end() {
    this.#out()
    await this.#logOut(this.site.token)
  }

  async #show(events: AsyncIterable<RoomEvent>, signal: AbortSignal) {
    try {
      for await (const event of events) {
        if (signal.aborted) return
        if (event.type === 'message') {
          this.#last = event.seq
          this.screen.print(formatMessage(event, this.screen.style))
        } else if (event.type !== 'joined' && event.type !== 'left') continue
        else if (event.user.id !== this.#me?.id) this.#tell(`${event.user.username} ${event.type}`)
        else if (event.type === 'left') throw new Refused(`You have left ${this.#room}.`)
      }
    } catch (error) {
      if (signal.aborted) return
      this.#out()
      this.screen.note((error as Error).message)
    }
  }

  async #say(body: string) {
    const path = this.#path()
    await this.site.insist(path, { json: { body, nonce: randomUUID() } })
  }

  async #tellWho() {
    const name = this.#room?.toLowerCase()
    this.#path()
    const { conversations } = await this.site.insist<{ conversations: Conversation[] }>('/api/me')
    const room = conversations.find((one) => one.kind === 'room' && one.name.toLowerCase() === name)
    const names = (room?.people ?? []).map((person) => person.username)
    this.#tell(`${names.length} in ${room?.name ?? this.#room}: ${names.join(', ')}`)
  }

  async #leave() {
    const path = this.#path()
    const room = this.#room
    this.#out()
    await this.site.insist(path, { method: 'DELETE' })
    this.screen.note(`You have left ${room}.`)
  }

  /** With a name that is taken, and no password, there is one to ask for. */
  async #logIn(json: Wish, ask = this.site.insist): Promise<Session> {
    try {
      return await ask<Session>('/api/session', { json, token: '' })
    } catch (error) {
      if (!(error instanceof Refused) || !json.username || json.password) throw error
      const password = await this.screen.askHidden(`Password of ${json.username}: `)
      if (!password) throw error
      return this.#logIn({ ...json, password }, ask)
    }
  }

  #become({ user, token }: Session) {
    this.#stream?.abort()
    const old = this.site.token
    this.site.token = token
    this.#me = user
    this.#logOut(old)
  }

  async #logOut(token?: string) {
    if (token)
      await this.site
        .ask('/api/logout', { method: 'POST', token, signal: AbortSignal.timeout(2000) })
        .catch(() => {})
  }

  #out() {
    this.#stream?.abort()
    this.#room = undefined
    this.screen.prompt('> ')
  }

  #path() {
    if (!this.#room) throw new Refused('You are in no room. Write /join room.')
    return `/api/room/${encodeURIComponent(this.#room)}`
  }

  #tell(text: string) {
    this.screen.print(formatNote(text, this.screen.style))
  }
}
