import { randomUUID } from 'node:crypto'
import type { Conversation, User } from '@/lib/views'
import { type Command, commandHelp } from './commands'
import { follow, type RoomEvent } from './follow'
import { formatMessage, formatNote } from './format'
import type { Screen } from './screen'
import { Refused, type Site } from './site'

type Session = { user: User; token: string }
type Page = { conversations: Conversation[]; nextCursor: string | null }
type Credentials = { username?: string; password?: string }

/** One user, who may be in a room. */
export class Chat {
  #me?: User
  #room?: string
  /** The `seq` of the newest message shown of the room. */
  #last?: number
  #stream?: AbortController

  constructor(
    readonly site: Site,
    readonly screen: Screen,
  ) {}

  /** @returns false if the user quits @throws {Refused} */
  async execute(command: Command): Promise<boolean> {
    switch (command.verb) {
      case 'send':
        await this.#send(command.body)
        break
      case 'login':
        this.#switchTo(await this.#logIn({ username: command.name, password: command.password }))
        if (this.#room) await this.join(this.#room, this.#last)
        break
      case 'join':
        await this.join(command.room)
        break
      case 'who':
        await this.#listPeople()
        break
      case 'leave':
        await this.#leave()
        break
      case 'help':
        this.screen.print(commandHelp)
        break
      case 'invalid':
        throw new Refused(command.hint)
    }
    return command.verb !== 'quit'
  }

  /** Logs in for the first time. Does not retry. @throws {Refused | Unavailable} */
  async begin(credentials: Credentials) {
    this.#switchTo(await this.#logIn(credentials, this.site.ask))
  }

  /** Joins a room and shows its newest messages, or those after `after`, and all that follow. */
  async join(room: string, after?: number) {
    const stop = new AbortController()
    const events = follow(this.site, room, { after, signal: stop.signal })
    await events.next()
    this.#stopShowing()
    this.#stream = stop
    this.#room = room
    this.#last = after
    this.screen.prompt(`${room}> `)
    this.screen.note(`You are in ${room} as ${this.#me?.username}.`)
    this.#show(events, stop.signal)
  }

  /** Ends the login session, which only this console uses. */
  async end() {
    this.#stopShowing()
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
        else if (event.user.id !== this.#me?.id) this.#printNote(`${event.user.username} ${event.type}`)
        else if (event.type === 'left') throw new Refused(`You have left ${this.#room}.`)
      }
    } catch (error) {
      if (signal.aborted) return
      this.#stopShowing()
      this.screen.note((error as Error).message)
    }
  }

  async #send(body: string) {
    const path = this.#roomPath()
    await this.site.askUntilAnswered(path, { json: { body, nonce: randomUUID() } })
  }

  async #listPeople() {
    this.#roomPath()
    const room = await this.#findRoom()
    const names = (room?.people ?? []).map((person) => person.username)
    this.#printNote(`${names.length} in ${room?.name ?? this.#room}: ${names.join(', ')}`)
  }

  /** Finds the room in the user's list, one page after another. */
  async #findRoom(cursor = ''): Promise<Conversation | undefined> {
    const name = this.#room?.toLowerCase()
    const { conversations, nextCursor } = await this.site.askUntilAnswered<Page>(`/api/me?cursor=${cursor}`)
    const room = conversations.find((one) => one.kind === 'room' && one.name.toLowerCase() === name)
    return room ?? (nextCursor ? this.#findRoom(nextCursor) : undefined)
  }

  async #leave() {
    const path = this.#roomPath()
    const room = this.#room
    this.#stopShowing()
    await this.site.askUntilAnswered(path, { method: 'DELETE' })
    this.screen.note(`You have left ${room}.`)
  }

  /** If the name exists and no password was given, asks the user for the password. */
  async #logIn(json: Credentials, ask = this.site.askUntilAnswered): Promise<Session> {
    try {
      return await ask<Session>('/api/session', { json, token: '' })
    } catch (error) {
      if (!(error instanceof Refused) || !json.username || json.password) throw error
      const password = await this.screen.askHidden(`Password of ${json.username}: `)
      if (!password) throw error
      return this.#logIn({ ...json, password }, ask)
    }
  }

  #switchTo({ user, token }: Session) {
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

  #stopShowing() {
    this.#stream?.abort()
    this.#room = undefined
    this.screen.prompt('> ')
  }

  #roomPath() {
    if (!this.#room) throw new Refused('You are not in a room. Type /join room.')
    return `/api/room/${encodeURIComponent(this.#room)}`
  }

  #printNote(text: string) {
    this.screen.print(formatNote(text, this.screen.style))
  }
}
