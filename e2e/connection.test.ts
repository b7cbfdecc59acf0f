import { setTimeout as sleep } from 'node:timers/promises'
import type { Page, WebSocketRoute } from '@playwright/test'
import { withOwnServices } from './other-site'
import { expect, type Person, test, uniqueEnding } from './people'
import { attendsUntil, makeConversation, roomId, storedBodies } from './seed'

/** The connection between a page and Soketi, which a test can cut, and let lose events. */
class Connection {
  #isCut = false
  #lost?: RegExp
  readonly #sockets = new Set<WebSocketRoute>()

  static async of(page: Page) {
    const connection = new Connection()
    await page.routeWebSocket(/\/app\//, (socket) => connection.#carry(socket))
    return connection
  }

  #carry(socket: WebSocketRoute) {
    if (this.#isCut) return void socket.close()
    const server = socket.connectToServer()
    this.#sockets.add(socket)
    server.onMessage((message) => {
      if (!this.#lost?.test(String(message))) socket.send(message)
    })
  }

  async cut() {
    this.#isCut = true
    for (const socket of this.#sockets) await socket.close()
    this.#sockets.clear()
  }

  restore() {
    this.#isCut = false
  }

  /** Drops events that match, from now on. */
  loses(pattern: RegExp) {
    this.#lost = pattern
  }
}

const bar = (person: Person) => person.page.getByText('Reconnecting…')
const isOther = (person: Person) => person.page.getByText('Here now')

test('a lost event loses no message: the next event shows the gap, and the page fills it', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 2)
  const connection = await Connection.of(ada.page)
  connection.loses(/lost one|conversation\.touched/)
  for (const person of [ada, bob]) await person.page.goto(`/c/${id}`)
  await expect(isOther(ada)).toBeVisible()

  await bob.says('lost one')
  await bob.says('next one')
  await ada.seesAll(['message 1', 'message 2', 'lost one', 'next one'])
})

test('messages sent while the socket was cut appear in order when it returns, without a reload', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 2)
  const connection = await Connection.of(ada.page)
  for (const person of [ada, bob]) await person.page.goto(`/c/${id}`)
  await expect(isOther(ada)).toBeVisible()
  await ada.page.evaluate(() => Object.assign(window, { isSamePage: true }))

  // The page cannot poll either.
  await ada.page.route('**/*', (route) => route.abort())
  ada.expectsErrors(/ERR_FAILED|Failed to fetch/)
  await connection.cut()
  for (const body of ['first', 'second', 'third']) await bob.says(body)
  await ada.seesAll(['message 1', 'message 2'])

  await ada.page.unroute('**/*')
  connection.restore()
  await ada.seesAll(['message 1', 'message 2', 'first', 'second', 'third'])
  await bob.says('fourth')
  await ada.sees('fourth')
  await expect(bar(ada)).toHaveCount(0)
  expect(await ada.page.evaluate(() => 'isSamePage' in window)).toBe(true)
})

test('while Soketi is down a page says so and polls, and then goes live again by itself', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  const connection = await Connection.of(ada.page)
  await connection.cut()
  for (const person of [ada, bob]) await person.page.goto(`/c/${id}`)
  await expect(bar(ada)).toBeVisible({ timeout: 6000 })
  await bob.says('can you hear me?')
  await ada.sees('can you hear me?')
  await ada.says('yes, by polling')
  await bob.sees('yes, by polling')

  connection.restore()
  await expect(bar(ada)).toHaveCount(0)
  await expect(isOther(ada)).toBeVisible()
  await bob.says('and now?')
  await ada.sees('and now?')
})

withOwnServices(
  'while Soketi hangs a page says so within 15 s and shows new messages, and then goes live again by itself',
  async ({ stranger, site }) => {
    const [ada, bob] = [await stranger('ada'), await stranger('bob')]
    for (const person of [ada, bob]) {
      await person.registers()
      await person.isAt('/')
      person.expectsErrors(/WebSocket/)
    }
    await ada.invites(bob)
    await bob.accepts(ada)
    await ada.page.goto(bob.page.url())
    const id = new URL(bob.page.url()).pathname.slice('/c/'.length)
    for (const person of [ada, bob]) await person.isLiveIn(id)

    process.kill(site.soketiPid, 'SIGSTOP')
    try {
      await bob.sends('can you hear me?')
      await expect(bar(ada)).toBeVisible({ timeout: 15_000 })
      await ada.sees('can you hear me?')
    } finally {
      process.kill(site.soketiPid, 'SIGCONT')
    }
    await expect(bar(ada)).toHaveCount(0)
    await ada.isLiveIn(id)
    await bob.says('and now?')
    await ada.sees('and now?')
  },
)

test('a stored message whose response was lost is not stored again', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  const connection = await Connection.of(ada.page)
  // Otherwise an event would show the message as stored before the retry.
  connection.loses(/message\.created|conversation\.touched/)
  await ada.page.goto(`/c/${id}`)
  await ada.page.waitForLoadState('networkidle')
  await ada.page.route(`**/c/${id}/messages`, async (route) => {
    await route.fetch()
    await route.abort()
  })
  ada.expectsErrors(/ERR_FAILED/)
  await ada.sends('once only')
  await ada.waitsToSend('once only')
  expect(await storedBodies(id)).toEqual(['once only'])

  await ada.page.unroute(`**/c/${id}/messages`)
  await ada.presses('Try again')
  await ada.sees('once only')
  await ada.waitsToSend()
  expect(await storedBodies(id)).toEqual(['once only'])
})

test('a page that lost its place in the room joins it again, and shows what it missed', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const name = `Tea-${uniqueEnding()}`
  const connection = await Connection.of(ada.page)
  for (const one of [ada, bob]) await one.joins(name)
  const id = await ada.conversationId()
  await ada.page.evaluate(() => Object.assign(window, { isSamePage: true }))

  // Polling would keep the page in the room.
  await ada.page.route('**/*', (route) => route.abort())
  ada.expectsErrors(/ERR_FAILED|Failed to fetch/)
  await connection.cut()
  await expect(bob.note(`${ada.name} left`)).toBeVisible({ timeout: 10_000 })
  await bob.says('said meanwhile')
  expect(await attendsUntil(ada, id)).toBe(0)

  await ada.page.unroute('**/*')
  connection.restore()
  await ada.sees('said meanwhile')
  await expect(bob.note(`${ada.name} joined`)).toHaveCount(1)
  await expect(bob.peopleHere).toHaveCount(2)
  await expect(ada.peopleHere).toHaveCount(2)
  await bob.says('said now')
  await ada.sees('said now')
  expect(await ada.page.evaluate(() => 'isSamePage' in window)).toBe(true)
})

test('a page without a socket stays in the room, and shows new messages by polling', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const name = `Tea-${uniqueEnding()}`
  const connection = await Connection.of(ada.page)
  await connection.cut()
  await bob.joins(name)
  await ada.page.goto(`/room/${name}`)
  await expect(bar(ada)).toBeVisible({ timeout: 6000 })
  // By then a person without a tab there would have left.
  await sleep(10_000)
  await bob.says('can you hear me?')
  await ada.sees('can you hear me?')
  await expect(bob.peopleHere).toHaveCount(2)
})

test('a message sent between the page’s request and its subscription is not missed', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const name = `Tea-${uniqueEnding()}`
  await bob.joins(name)
  let resolveAnswered = () => {}
  const isAnswered = new Promise<void>((resolve) => {
    resolveAnswered = resolve
  })
  await ada.page.route('**/overview?*', async (route) => {
    const response = await route.fetch()
    resolveAnswered()
    // By then the page is subscribed.
    await sleep(2000)
    await route.fulfill({ response })
  })
  await ada.page.route('**/api/realtime/auth', async (route) => {
    if (/private-conversation/.test(route.request().postData() ?? '')) {
      await isAnswered
      await bob.says('in between')
    }
    await route.continue()
  })
  await ada.page.goto(`/room/${name}`)
  await ada.sees('in between')
  await ada.page.unrouteAll({ behavior: 'ignoreErrors' })
})

test('a lost message that could not be fetched is fetched later', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  const connection = await Connection.of(ada.page)
  connection.loses(/message\.created/)
  for (const person of [ada, bob]) await person.page.goto(`/c/${id}`)
  await ada.isLiveIn(id)
  await ada.page.route(`**/c/${id}/messages?*`, (route) => route.abort(), { times: 1 })
  ada.expectsErrors(/ERR_FAILED/)
  const failed = ada.page.waitForEvent('requestfailed')
  await bob.says('are you there?')
  await failed
  await ada.sees('are you there?')
})

test('leaving a room in one tab keeps the person’s other tabs live', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  const name = `Tea-${uniqueEnding()}`
  const [inRoom, talking] = [await ada.inAnotherTab(), await ada.inAnotherTab()]
  for (const one of [ada, inRoom, bob]) await one.joins(name)
  await talking.opensConversation(id)
  const hasSeenBar = bar(talking)
    .waitFor({ timeout: 8000 })
    .then(
      () => true,
      () => false,
    )
  const loads = talking.countsLoads()

  await ada.presses('Leave')
  await ada.isAt('/rooms')
  // The other tab with the room leaves too, instead of joining again.
  await inRoom.isAt('/rooms')
  await expect(bob.note(`${ada.name} left`)).toBeVisible()
  await bob.page.goto(`/c/${id}`)
  await bob.says('still there?')
  await talking.sees('still there?')
  await talking.isLiveIn(id)
  await bob.says('and now?')
  await talking.sees('and now?')
  for (const tab of [ada, inRoom]) await tab.isLive()
  expect(await hasSeenBar).toBe(false)
  expect(loads()).toBe(0)
  expect(await attendsUntil(ada, await roomId(name))).toBe(0)
})
