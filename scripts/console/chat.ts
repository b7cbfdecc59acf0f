import { randomUUID } from 'node:crypto'
import type { Conversation, User } from '@/lib/views'
import { ShownMessages } from './changes'
import { type Command, commandHelp } from './commands'
import { follow, type StreamEvent } from './follow'
import { formatChange, formatMessage, formatNote } from './format'
import { isCalled, type Place, placeIn, roomPlace, severalPlaces } from './places'
import type { Screen } from './screen'
import { Refused, type Site } from './site'

type Session = { user: User; token: string }
type Page = { conversations: Conversation[]; nextCursor: string | null }
type Credentials = { username?: string; password?: string }

/** One user, who may have a room or conversation open. */
export class Chat {
  #me?: User
  #place?: Place
  /** The id of the last event shown of the place. */
  #last?: string
  #shown = new ShownMessages()
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
        if (this.#place?.room) await this.#open(this.#place, this.#last)
        else this.#stopShowing()
        break
      case 'join':
        await this.join(command.room)
        break
      case 'talk':
        await this.#talk(command.name)
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

  /** Joins a room and shows it. */
  join = (room: string) => this.#open(roomPlace(room))

  async #talk(name: string) {
    const places: Place[] = []
    for await (const conversation of this.#conversations())
      if (isCalled(conversation, name, this.#me?.id)) places.push(placeIn(conversation, this.#me?.id))
    const [place, ...others] = places
    if (!place) throw new Refused(`You have no conversation called ${name}. Invite people on the site.`)
    if (others.length) throw new Refused(severalPlaces(name, places))
    await this.#open(place)
  }

  /** Shows the newest messages of a place, or what happened after the event `from`, and all that follows. */
  async #open(place: Place, from?: string) {
    const stop = new AbortController()
    const events = follow(this.site, place.stream, { from, signal: stop.signal })
    await events.next()
    this.#stopShowing()
    this.#stream = stop
    this.#place = place
    this.#last = from
    if (!from) this.#shown = new ShownMessages()
    this.screen.prompt(`${place.name}> `)
    this.screen.note(`You are in ${place.name} as ${this.#me?.username}.`)
    this.#show(events, stop.signal)
  }

  /** Ends the login session, which only this console uses. */
  async end() {
    this.#stopShowing()
    await this.#logOut(this.site.token)
  }

  async #show(events: AsyncIterable<StreamEvent>, signal: AbortSignal) {
    try {
      for await (const event of events) {
        if (signal.aborted) return
        this.#print(event)
      }
    } catch (error) {
      if (signal.aborted) return
      this.#stopShowing()
      this.screen.note((error as Error).message)
    }
  }

  /** @throws {Refused} if the user has left the room elsewhere */
  #print(event: StreamEvent) {
    const { style } = this.screen
    switch (event.name) {
      case 'message.created':
        this.#shown.add(event.data)
        this.screen.print(formatMessage(event.data, style))
        break
      case 'message.changed':
        for (const change of this.#shown.change(event.data))
          this.screen.print(formatChange(change, event.data, style))
        break
      case 'member.joined':
      case 'member.left': {
        const verb = event.name === 'member.left' ? 'left' : 'joined'
        if (event.data.id !== this.#me?.id) this.#printNote(`${event.data.username} ${verb}`)
        else if (verb === 'left') throw new Refused(`You have left ${this.#place?.name}.`)
      }
    }
    if ('id' in event) this.#last = event.id
  }

  async #send(body: string) {
    await this.site.askUntilAnswered(this.#here().messages, { json: { body, nonce: randomUUID() } })
  }

  async #listPeople() {
    const place = this.#here()
    const names: string[] = []
    for await (const conversation of this.#conversations())
      if (place.is(conversation)) {
        names.push(...conversation.people.map(({ username }) => username))
        break
      }
    this.#printNote(`${names.length} in ${place.name}: ${names.join(', ')}`)
  }

  /** The user's conversations, one page after another. */
  async *#conversations(): AsyncGenerator<Conversation> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await this.site.askUntilAnswered(`/api/me?cursor=${cursor}`)
      yield* page.conversations
      cursor = page.nextCursor
    }
  }

  async #leave() {
    const { name, room } = this.#here()
    this.#stopShowing()
    if (room) await this.site.askUntilAnswered(room, { method: 'DELETE' })
    this.screen.note(`You have ${room ? 'left' : 'closed'} ${name}.`)
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
    this.#place = undefined
    this.screen.prompt('> ')
  }

  #here() {
    if (!this.#place) throw new Refused('You are not in a room. Type /join room, or /talk name.')
    return this.#place
  }

  #printNote(text: string) {
    this.screen.print(formatNote(text, this.screen.style))
  }
}
