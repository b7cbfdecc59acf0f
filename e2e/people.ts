import { type BrowserContext, test as base, expect, type Locator, type Page } from '@playwright/test'
import { endLoginSessions, makeAccount, password } from './seed'

export { expect, password }

type PersonOptions = { firstName?: string; lastName?: string; javaScriptEnabled?: boolean }
type MakePerson = (name: string, options?: PersonOptions) => Promise<Person>

/** Tests are about people: `person('ada')` has a username of her own and a browser of her own. */
export const test = base.extend<{ person: MakePerson; stranger: MakePerson }>({
  /** Somebody with an account, signed in; which page they look at is up to the test. */
  person: async ({ stranger }, use) => {
    await use(async (name, options) => {
      const person = await stranger(name, options)
      await person.hasAccount()
      await person.signsIn()
      return person
    })
  },
  /** Somebody without an account. Whatever their browser complains of fails the test. */
  stranger: async ({ browser, javaScriptEnabled }, use) => {
    const all: Person[] = []
    const make = async (name: string, options: PersonOptions = {}) => {
      const isScripted = options.javaScriptEnabled ?? javaScriptEnabled ?? true
      const openBrowser = () => browser.newContext({ javaScriptEnabled: isScripted })
      const person = await Person.at(openBrowser, `${name}-${uniqueEnding()}`, { ...options, isScripted })
      all.push(person)
      return person
    }
    await use(make)
    const complaints = all.flatMap((person) => person.complaints())
    for (const person of all) await person.leaves()
    expect(complaints, 'what the browsers complained of').toEqual([])
  },
})

/** What makes a name one of its own. */
export const uniqueEnding = () => Math.random().toString(36).slice(2, 8).padEnd(6, '0')

type OpenBrowser = () => Promise<BrowserContext>
type Traits = PersonOptions & { isScripted: boolean }

/** A person with one window of a browser, who finds everything by what is written on it. */
export class Person {
  id = ''
  readonly name: string
  readonly #complaints: string[] = []
  readonly #expected: RegExp[] = []
  readonly #channels = new Map<object, Set<string>>()
  readonly #devices: Person[] = []

  static async at(openBrowser: OpenBrowser, username: string, traits: Traits) {
    const context = await openBrowser()
    const page = await context.newPage()
    if (!traits.isScripted) waitForContentOnly(page)
    return new Person(openBrowser, context, page, username, traits)
  }

  private constructor(
    readonly openBrowser: OpenBrowser,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly username: string,
    readonly traits: Traits,
  ) {
    this.name = [traits.firstName, traits.lastName].filter(Boolean).join(' ') || username
    context.on('console', (message) => {
      const where = `at ${message.location().url}, on ${page.url()}`
      if (message.type() === 'error') this.#complaints.push(`${username}: ${message.text()} (${where})`)
    })
    context.on('weberror', (error) => this.#complaints.push(`${username}: ${error.error().stack}`))
    // A page that is left takes its sockets along, and says nothing of it.
    page.on('response', (response) => {
      if (response.request().isNavigationRequest()) this.#channels.clear()
    })
    page.on('websocket', (socket) => {
      const channels = new Set<string>()
      this.#channels.set(socket, channels)
      socket.on('framereceived', ({ payload }) => {
        const { event, channel } = JSON.parse(String(payload))
        if (event === 'pusher_internal:subscription_succeeded') channels.add(channel)
      })
      socket.on('close', () => this.#channels.delete(socket))
    })
  }

  /** Complaints of the browser, other than those this test asked for. */
  complaints(): string[] {
    const own = this.#complaints.filter((text) => !this.#expected.some((pattern) => pattern.test(text)))
    return [...own, ...this.#devices.flatMap((device) => device.complaints())]
  }

  /** The browser may complain of this: the test breaks it on purpose. */
  mayComplain(pattern: RegExp) {
    this.#expected.push(pattern)
  }

  async leaves() {
    for (const device of this.#devices) await device.leaves()
    await this.context.close()
  }

  // ── Accounts ──

  async hasAccount() {
    this.id = await makeAccount(this.username, this.traits)
  }

  async registers(fields: { username?: string; password?: string } = {}) {
    await this.page.goto('/register')
    await this.field('Username').fill(fields.username ?? this.username)
    await this.field('Password').fill(fields.password ?? password)
    await this.presses('Create account')
  }

  async continuesAsGuest() {
    await this.page.goto('/guest')
    await this.field('Username (optional)').fill(this.username)
    await this.presses('Continue as guest')
    await this.isAt('/rooms')
  }

  async logsIn(withPassword = password) {
    await this.page.goto('/login')
    await this.fillsLogIn(withPassword)
    await this.isAt('/')
  }

  /** The login's form, sent as a browser would, but without the time to look at pages. */
  async signsIn(username = this.username) {
    const { request } = this.context
    const page = await request.get('/login')
    const hidden = [
      ...(await page.text()).matchAll(/<input type="hidden" name="([^"]*)"(?: value="([^"]*)")?/g),
    ]
    const fields = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, decoded(value)]))
    const form = { ...fields, username, password }
    const headers = { origin: new URL(page.url()).origin }
    const response = await request.post('/login', { multipart: form, headers })
    expect(new URL(response.url()).pathname, 'where the login led').toBe('/')
  }

  async fillsLogIn(withPassword = password, username = this.username) {
    await this.field('Username').fill(username)
    await this.field('Password').fill(withPassword)
    await this.presses('Log in')
  }

  /** The same person in another browser, logged in there too. */
  async onAnotherDevice() {
    const device = await Person.at(this.openBrowser, this.username, this.traits)
    device.id = this.id
    this.#devices.push(device)
    await device.signsIn()
    return device
  }

  /** The same browser, in another tab. */
  async inAnotherTab() {
    const page = await this.context.newPage()
    const tab = new Person(this.openBrowser, this.context, page, this.username, this.traits)
    tab.id = this.id
    return tab
  }

  /** Presses what ends this very login session. Its socket may be signing in at that moment: it is refused then. */
  async endsSession(button: string | RegExp) {
    this.mayComplain(/status of 401 .*\/api\/realtime\/auth/)
    await this.presses(button)
    await this.isAt('/login')
  }

  /** Every login session is over, and no page has heard of it. What asks by itself is refused from now on. */
  async isLoggedOutElsewhere() {
    this.mayComplain(/status of 401/)
    await endLoginSessions(this)
  }

  // ── Other people ──

  async searches(text: string) {
    await this.page.goto('/')
    await this.page.getByRole('searchbox', { name: 'Find people' }).fill(text)
    await this.presses('Search')
    await expect(this.page).toHaveURL(new RegExp(`/people\\?q=${encodeURIComponent(text)}$`))
  }

  async invites(other: Person) {
    await this.searches(other.username)
    await this.presses(`Invite ${other.name}`)
    await expect(this.row(other)).toContainText('Invitation sent')
  }

  async accepts(other: Person) {
    await this.page.goto('/invitations')
    await this.presses(`Accept ${other.name}`)
    await this.isTalkingTo(other)
  }

  async rejects(other: Person) {
    await this.page.goto('/invitations')
    await this.presses(`Reject ${other.name}`)
    await expect(this.button(`Reject ${other.name}`)).toHaveCount(0)
  }

  async withdraws(other: Person) {
    await this.page.goto('/invitations')
    await this.presses(`Withdraw ${other.name}`)
    await expect(this.button(`Withdraw ${other.name}`)).toHaveCount(0)
  }

  async blocks(other: Person) {
    await this.searches(other.username)
    await this.presses(`Block ${other.name}`)
    await expect(this.button(`Unblock ${other.name}`)).toBeVisible()
  }

  async unblocks(other: Person) {
    await this.searches(other.username)
    await this.presses(`Unblock ${other.name}`)
    await expect(this.button(`Block ${other.name}`)).toBeVisible()
  }

  /** Somebody's row in a list of people or invitations. */
  row(other: Person) {
    return this.page.getByRole('main').getByRole('listitem').filter({ hasText: other.name })
  }

  // ── Conversations ──

  /** The conversation's entry in the list of all. */
  entry(other: Person) {
    return this.page
      .getByRole('navigation', { name: 'Conversations' })
      .getByRole('link')
      .filter({ hasText: other.name })
  }

  async opens(other: Person) {
    await this.entry(other).click()
    await this.isTalkingTo(other)
  }

  async isTalkingTo(other: Person) {
    await expect(this.page).toHaveURL(/\/c\/[\w-]+(\?draft=[\w-]+)?$/)
    await expect(this.heading(other.name)).toBeVisible()
  }

  get composer() {
    return this.page.getByRole('textbox', { name: 'Message' })
  }

  /** Says something, and sees it take its place. */
  async says(body: string) {
    await this.sends(body)
    await expect(this.stored(body)).toBeVisible()
  }

  /** Sends something, whatever may come of it. */
  async sends(body: string) {
    await this.composer.fill(body)
    await this.presses('Send')
  }

  /** Sees it once, and stored. */
  async sees(body: string) {
    await expect(this.stored(body)).toHaveCount(1)
    await expect(this.stored(body)).toBeVisible()
  }

  /** Sees these messages and no others, in this order. */
  async seesAll(bodies: string[]) {
    await expect(this.messages).toHaveText(bodies.map((body) => new RegExp(`${escaped(body)}(\\W|$)`)))
  }

  /** Every message that has its place in the conversation. */
  get messages() {
    return this.page.locator('ol > li[data-seq]')
  }

  /** Sees these messages, and no others, marked as waiting to be sent, in this order. */
  async waitsToSend(...bodies: string[]) {
    const marked = this.page
      .getByRole('main')
      .getByRole('listitem')
      .filter({ hasText: /Waiting to be sent/ })
    await expect(marked).toHaveText(
      bodies.map((body) => new RegExp(`^${escaped(body)}\\s*Waiting to be sent`)),
    )
  }

  stored(body: string): Locator {
    return this.messages.filter({ has: this.page.getByText(body, { exact: true }) })
  }

  /** Waits until the page hears of what happens in a conversation as it happens. */
  async isLiveIn(conversationId: string) {
    const channels = [`private-conversation-${conversationId}`, `presence-conversation-${conversationId}`]
    await expect.poll(() => channels.every((channel) => this.#hears(channel))).toBe(true)
  }

  async isLive() {
    await expect.poll(() => this.#hears('private-user-')).toBe(true)
  }

  /** Its socket was closed, and no other opened. */
  async isNoLongerLive() {
    await expect.poll(() => this.#channels.size).toBe(0)
  }

  #hears(channel: string) {
    return [...this.#channels.values()].some((heard) => [...heard].some((name) => name.startsWith(channel)))
  }

  /** What comes by itself where there is no script: the page in the page. */
  get live() {
    return this.page.frameLocator('iframe[title="New messages"]')
  }

  /** The messages in it. */
  get liveMessages() {
    return this.live.locator('ol > li[data-seq]')
  }

  /** From now on, what a screen reader is told of new messages. */
  async hearsAnnouncements() {
    const region = this.page.locator('p[aria-live=polite]')
    const announcements = await region.evaluateHandle((element) => {
      const texts: string[] = []
      const note = () => texts.push(element.textContent ?? '')
      new MutationObserver(note).observe(element, { childList: true, characterData: true, subtree: true })
      return texts
    })
    return () => announcements.jsonValue()
  }

  // ── Rooms ──

  /** Joins by name, as everybody can. */
  async joins(room: string) {
    await this.page.goto('/rooms')
    await this.field('Name of a room').fill(room)
    await this.presses('Join')
    await this.isIn(room)
  }

  /** Is in the room, and hears of what happens there as it happens. */
  async isIn(room: string) {
    await this.isAt(`/room/${room}`)
    await expect(this.heading(room)).toBeVisible()
    if (this.traits.isScripted)
      await this.isLiveIn(await this.page.locator('[name=conversationId]').inputValue())
    else await expect(this.live.getByText('New messages come here')).toBeVisible()
  }

  /** The room's line in the list of all. */
  room(name: string) {
    return this.page.getByRole('main').getByRole('link').filter({ hasText: name })
  }

  /** Who is in the room, beside it. */
  get peopleHere() {
    return this.page.getByRole('region', { name: 'People here' }).getByRole('listitem')
  }

  /** Is told that somebody came or went, without looking again. */
  note(text: string) {
    const place = this.traits.isScripted ? this.page.getByRole('main') : this.live
    return place.getByRole('listitem').filter({ hasText: new RegExp(`^${escaped(text)}$`) })
  }

  // ── Any page ──

  async presses(name: string | RegExp) {
    await this.button(name).click()
  }

  async isAt(path: string) {
    // Not toHaveURL(), which with a function waits until the page has loaded.
    await expect
      .poll(() => {
        const { pathname, search } = new URL(this.page.url())
        return pathname + search
      })
      .toBe(path)
  }

  /** @returns how often the window, or a page in the page, was loaded since */
  countsLoads() {
    let count = 0
    this.page.on('request', (request) => {
      if (request.isNavigationRequest()) count++
    })
    return () => count
  }

  /** Where nothing comes by itself, one looks again. */
  async looksAgain() {
    if (!this.traits.isScripted) await this.page.reload()
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, exact: true })
  }

  field(name: string) {
    return this.page.getByLabel(name, { exact: true })
  }

  heading(name: string) {
    return this.page.getByRole('heading', { level: 1, name, exact: true })
  }

  /** The alerts that say something. */
  get alert() {
    return this.page.getByRole('alert').filter({ hasText: /\S/ })
  }
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const decoded = (html: string) => html.replaceAll('&quot;', '"').replaceAll('&amp;', '&')

/** Without JavaScript a conversation's page never has loaded: the live frame in it does not end. */
function waitForContentOnly(page: Page) {
  const waitUntil = 'domcontentloaded'
  const { goto, reload, goBack, waitForURL } = page
  page.goto = (url, options) => goto.call(page, url, { waitUntil, ...options })
  page.reload = (options) => reload.call(page, { waitUntil, ...options })
  page.goBack = (options) => goBack.call(page, { waitUntil, ...options })
  page.waitForURL = (url, options) => waitForURL.call(page, url, { waitUntil, ...options })
}
