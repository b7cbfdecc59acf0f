import { type BrowserContext, expect, type Locator, type Page } from '@playwright/test'
import { findForm } from '@/testing/forms'
import { BrowserWindow } from './browser-window'
import { endLoginSessions, makeAccount, password } from './seed'

export type PersonOptions = { firstName?: string; lastName?: string; javaScriptEnabled?: boolean }
type Traits = PersonOptions & { isScripted: boolean }
type OpenBrowser = () => Promise<BrowserContext>

/** A person with one browser window, who finds everything by its accessible name. */
export class Person extends BrowserWindow {
  id = ''
  readonly name: string
  readonly traits: Traits
  readonly #openBrowser: OpenBrowser
  readonly #devices: Person[] = []

  static async open(openBrowser: OpenBrowser, username: string, traits: Traits) {
    const context = await openBrowser()
    return new Person(openBrowser, context, await context.newPage(), username, traits)
  }

  private constructor(
    openBrowser: OpenBrowser,
    context: BrowserContext,
    page: Page,
    username: string,
    traits: Traits,
  ) {
    super(context, page, username, traits.isScripted)
    this.name = [traits.firstName, traits.lastName].filter(Boolean).join(' ') || username
    this.traits = traits
    this.#openBrowser = openBrowser
  }

  /** The unexpected errors on all of the person's devices. */
  override errors(): string[] {
    return [...super.errors(), ...this.#devices.flatMap((device) => device.errors())]
  }

  async leaves() {
    for (const device of this.#devices) await device.leaves()
    await this.context.close()
  }

  // Accounts

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

  /** Posts the login form as a browser does, but without opening pages, which is slower. */
  async signsIn(username = this.username) {
    const { request } = this.context
    const page = await request.get('/login')
    const { fields } = findForm(await page.text(), 'Log in')
    const form = { ...fields, username, password }
    const headers = { origin: new URL(page.url()).origin }
    const response = await request.post('/login', { multipart: form, headers })
    expect(new URL(response.url()).pathname, 'where the login redirects to').toBe('/')
  }

  async fillsLogIn(withPassword = password, username = this.username) {
    await this.field('Username').fill(username)
    await this.field('Password').fill(withPassword)
    await this.presses('Log in')
  }

  /** The same person in another browser, logged in there too. */
  async onAnotherDevice() {
    const device = await Person.open(this.#openBrowser, this.username, this.traits)
    device.id = this.id
    this.#devices.push(device)
    await device.signsIn()
    return device
  }

  /** The same person in another tab of this browser. */
  async inAnotherTab() {
    const page = await this.context.newPage()
    const tab = new Person(this.#openBrowser, this.context, page, this.username, this.traits)
    tab.id = this.id
    return tab
  }

  /** Presses the button, which ends the person's own login session. A socket that is signing in is refused. */
  async endsSession(button: string | RegExp) {
    this.expectsErrors(/status of 401 .*\/api\/realtime\/auth/)
    await this.presses(button)
    await this.isAt('/login')
  }

  /** Ends all login sessions without notifying the pages, whose requests are then refused. */
  async isLoggedOutElsewhere() {
    this.expectsErrors(/status of 401/)
    await endLoginSessions(this)
  }

  // Other people

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

  /** The other person's row in a list of people or invitations. Not found by name: tests share names. */
  row(other: Person) {
    return this.page.getByRole('main').getByRole('listitem').filter({ hasText: other.username })
  }

  // Conversations

  /** The list of conversations. */
  get list() {
    return this.page.getByRole('navigation', { name: 'Conversations' })
  }

  /** The conversation's entry in the list. */
  entry(other: Person) {
    return this.list.getByRole('link').filter({ hasText: other.username })
  }

  /** The id of the conversation or room that is open. */
  conversationId = () => this.page.locator('[name=conversationId]').inputValue()

  /** Opens the conversation's page, and waits until it is live. */
  async opensConversation(id: string) {
    await this.page.goto(`/c/${id}`)
    await this.isLiveIn(id)
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

  /** Sends a message, and waits until it is stored. */
  async says(body: string) {
    await this.sends(body)
    await expect(this.stored(body)).toBeVisible()
  }

  /** Sends a message, which may fail. */
  async sends(body: string) {
    await this.composer.fill(body)
    await this.presses('Send')
  }

  /** Sees the stored message exactly once. */
  async sees(body: string) {
    await expect(this.stored(body)).toHaveCount(1)
    await expect(this.stored(body)).toBeVisible()
  }

  /** Sees these messages and no others, in this order. */
  async seesAll(bodies: string[]) {
    await expect(this.messages).toHaveText(bodies.map((body) => new RegExp(`${escaped(body)}(\\W|$)`)))
  }

  /** The stored messages on the page. */
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

  /** The messages in that frame. */
  get liveMessages() {
    return this.live.locator('ol > li[data-seq]')
  }

  /** Records what screen readers announce from now on. @returns a function that gives the texts so far */
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

  // Rooms

  /** Joins a room by its name. */
  async joins(room: string) {
    await this.page.goto('/rooms')
    await this.field('Room name').fill(room)
    await this.presses('Join')
    await this.isIn(room)
  }

  /** Waits until the room's page is open and live. */
  async isIn(room: string) {
    await this.isAt(`/room/${room}`)
    await expect(this.heading(room)).toBeVisible()
    await this.isLiveIn(await this.conversationId())
  }

  /** The room's entry in the list of rooms. */
  room(name: string) {
    return this.page.getByRole('main').getByRole('link').filter({ hasText: name })
  }

  /** The list of people beside the room. */
  get peopleHere() {
    return this.page.getByRole('region', { name: 'People here' }).getByRole('listitem')
  }

  /** A line about a person joining or leaving, which appears by itself. */
  note(text: string) {
    const place = this.isScripted ? this.page.getByRole('main') : this.live
    return place.getByRole('listitem').filter({ hasText: new RegExp(`^${escaped(text)}$`) })
  }
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
