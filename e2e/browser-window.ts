import { type BrowserContext, expect, type Page } from '@playwright/test'

/** One page in a person's browser: what it shows, its errors, and the channels that it is subscribed to. */
export class BrowserWindow {
  readonly #errors: string[] = []
  // A page cannot know that Soketi is closing its socket at the moment when it sends something, such as an unsubscribe.
  readonly #expectedErrors: RegExp[] = [/^[\w.-]+: WebSocket is already in CLOSING or CLOSED state/]
  readonly #channels = new Map<object, Set<string>>()

  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly username: string,
    readonly isScripted: boolean,
  ) {
    if (!isScripted) waitForContentOnly(page)
    this.#watchErrors()
    this.#watchChannels()
  }

  #watchErrors() {
    this.context.on('console', (message) => {
      const place = `at ${message.location().url}, on ${this.page.url()}`
      if (message.type() === 'error') this.#errors.push(`${this.username}: ${message.text()} (${place})`)
    })
    this.context.on('weberror', (error) => this.#errors.push(`${this.username}: ${error.error().stack}`))
  }

  #watchChannels() {
    // Navigating closes the page's sockets without a `close` event.
    this.page.on('response', (response) => {
      if (response.request().isNavigationRequest()) this.#channels.clear()
    })
    this.page.on('websocket', (socket) => {
      const channels = new Set<string>()
      this.#channels.set(socket, channels)
      socket.on('framereceived', ({ payload }) => {
        const { event, channel } = JSON.parse(String(payload))
        if (event === 'pusher_internal:subscription_succeeded') channels.add(channel)
      })
      socket.on('close', () => this.#channels.delete(socket))
    })
  }

  /** The errors of the browser that the test does not expect. */
  errors(): string[] {
    return this.#errors.filter((text) => !this.#expectedErrors.some((pattern) => pattern.test(text)))
  }

  /** Allows such errors, because the test causes them on purpose. */
  expectsErrors(pattern: RegExp) {
    this.#expectedErrors.push(pattern)
  }

  /** The frame in which new messages appear without JavaScript. */
  get live() {
    return this.page.frameLocator('iframe[title="New messages"]')
  }

  /** Waits until new messages of the conversation appear by themselves. */
  async isLiveIn(conversationId: string) {
    if (!this.isScripted) return expect(this.live.getByText('New messages appear here')).toBeVisible()
    const channels = [`private-conversation-${conversationId}`, `presence-conversation-${conversationId}`]
    await expect.poll(() => channels.every((channel) => this.#isSubscribed(channel))).toBe(true)
  }

  /** Waits until the page is subscribed to the person's own channel. */
  async isLive() {
    await expect.poll(() => this.#isSubscribed('private-user-')).toBe(true)
  }

  /** Waits until the page receives the statuses of listed people. */
  async receivesStatuses() {
    await expect.poll(() => this.#isSubscribed('private-people')).toBe(true)
  }

  /** Waits until the page has no open socket. */
  async isNoLongerLive() {
    await expect.poll(() => this.#channels.size).toBe(0)
  }

  #isSubscribed(channel: string) {
    return [...this.#channels.values()].some((names) => [...names].some((name) => name.startsWith(channel)))
  }

  async presses(name: string | RegExp) {
    await this.button(name).click()
  }

  async isAt(path: string) {
    // toHaveURL() with a function would wait until the page has loaded.
    await expect
      .poll(() => {
        const { pathname, search } = new URL(this.page.url())
        return pathname + search
      })
      .toBe(path)
  }

  /** Counts loads of the page and its frames from now on. @returns a function that gives the count */
  countsLoads() {
    let count = 0
    this.page.on('request', (request) => {
      if (request.isNavigationRequest()) count++
    })
    return () => count
  }

  /** Reloads the page if no script keeps it up to date. */
  async looksAgain() {
    if (!this.isScripted) await this.page.reload()
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

  /** The alerts that have a text. */
  get alert() {
    return this.page.getByRole('alert').filter({ hasText: /\S/ })
  }
}

/** Makes navigation not wait for `load`, which never comes without JavaScript: the live frame does not end. */
function waitForContentOnly(page: Page) {
  const waitUntil = 'domcontentloaded'
  const { goto, reload, goBack, waitForURL } = page
  page.goto = (url, options) => goto.call(page, url, { waitUntil, ...options })
  page.reload = (options) => reload.call(page, { waitUntil, ...options })
  page.goBack = (options) => goBack.call(page, { waitUntil, ...options })
  page.waitForURL = (url, options) => waitForURL.call(page, url, { waitUntil, ...options })
}
