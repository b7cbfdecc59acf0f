import { setTimeout as sleep } from 'node:timers/promises'
import type { Page, WebSocketRoute } from '@playwright/test'
import { withOwnServices } from './other-site'
import { expect, type Person, test, uniqueEnding } from './people'
import { attendsUntil, makeConversation, roomId, storedBodies } from './seed'

/** The line between a page and Soketi, which can be cut, and lose what goes along it. */
class Line {
  #isCut = false
  #lost?: RegExp
  readonly #sockets = new Set<WebSocketRoute>()

  static async of(page: Page) {
    const line = new Line()
    await page.routeWebSocket(/\/app\//, (socket) => line.#carry(socket))
    return line
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

  mend() {
    this.#isCut = false
  }

  /** Events that hold this never arrive. */
  loses(pattern: RegExp) {
    this.#lost = pattern
  }
}

const bar = (person: Person) => person.page.getByText('Reconnecting…')
const isOther = (person: Person) => person.page.getByText('Here now')

test('an event that was lost costs no message: the next one shows the hole, and it is filled', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 2)
  const line = await Line.of(ada.page)
  line.loses(/lost one|conversation\.touched/)
  for (const person of [ada, bob]) await person.page.goto(`/c/${id}`)
  await expect(isOther(ada)).toBeVisible()

  await bob.says('lost one')
  await bob.says('next one')
  await ada.seesAll(['message 1', 'message 2', 'lost one', 'next one'])
})

test('messages sent while the socket is cut are there after it returns, in order and without a reload', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 2)
  const line = await Line.of(ada.page)
  for (const person of [ada, bob]) await person.page.goto(`/c/${id}`)
  await expect(isOther(ada)).toBeVisible()
  await ada.page.evaluate(() => Object.assign(window, { isSamePage: true }))

  // Not even by asking: the page hears nothing at all.
  await ada.page.route('**/*', (route) => route.abort())
  ada.expectsErrors(/ERR_FAILED|Failed to fetch/)
  await line.cut()
  for (const body of ['first', 'second', 'third']) await bob.says(body)
  await ada.seesAll(['message 1', 'message 2'])

  await ada.page.unroute('**/*')
  line.mend()
  await ada.seesAll(['message 1', 'message 2', 'first', 'second', 'third'])
  await bob.says('fourth')
  await ada.sees('fourth')
  await expect(bar(ada)).toHaveCount(0)
  expect(await ada.page.evaluate(() => 'isSamePage' in window)).toBe(true)
})

test('while Soketi is away a page asks, says so, and goes live again by itself', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  const line = await Line.of(ada.page)
  await line.cut()
  for (const person of [ada, bob]) await person.page.goto(`/c/${id}`)
  await expect(bar(ada)).toBeVisible({ timeout: 6000 })
  await bob.says('can you hear me?')
  await ada.sees('can you hear me?')
  await ada.says('yes, by asking')
  await bob.sees('yes, by asking')

  line.mend()
  await expect(bar(ada)).toHaveCount(0)
  await expect(isOther(ada)).toBeVisible()
  await bob.says('and now?')
  await ada.sees('and now?')
})

withOwnServices(
  'while Soketi hangs a page says so within 15 s, shows what is sent, and goes live again by itself',
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

test('a message that was stored though the answer was lost is not stored again', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  const line = await Line.of(ada.page)
  // Otherwise the message would be found to be stored before anyone could try again.
  line.loses(/message\.created|conversation\.touched/)
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

test('after a break that cost the place in a room, the page is in it again, with all that was said', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const name = `Tea-${uniqueEnding()}`
  const line = await Line.of(ada.page)
  for (const one of [ada, bob]) await one.joins(name)
  const id = await ada.page.locator('[name=conversationId]').inputValue()
  await ada.page.evaluate(() => Object.assign(window, { isSamePage: true }))

  // The page's questions would keep it in the room.
  await ada.page.route('**/*', (route) => route.abort())
  ada.expectsErrors(/ERR_FAILED|Failed to fetch/)
  await line.cut()
  await expect(bob.note(`${ada.name} left`)).toBeVisible({ timeout: 10_000 })
  await bob.says('said meanwhile')
  expect(await attendsUntil(ada, id)).toBe(0)

  await ada.page.unroute('**/*')
  line.mend()
  await ada.sees('said meanwhile')
  await expect(bob.note(`${ada.name} joined`)).toHaveCount(1)
  await expect(bob.peopleHere).toHaveCount(2)
  await expect(ada.peopleHere).toHaveCount(2)
  await bob.says('said now')
  await ada.sees('said now')
  expect(await ada.page.evaluate(() => 'isSamePage' in window)).toBe(true)
})

test('a page that gets no socket keeps its person in the room, and shows by asking what is said there', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const name = `Tea-${uniqueEnding()}`
  const line = await Line.of(ada.page)
  await line.cut()
  await bob.joins(name)
  await ada.page.goto(`/room/${name}`)
  await expect(bar(ada)).toBeVisible({ timeout: 6000 })
  // Until then somebody without a tab there has left.
  await sleep(10_000)
  await bob.says('can you hear me?')
  await ada.sees('can you hear me?')
  await expect(bob.peopleHere).toHaveCount(2)
})

test('what is said before the page listens, and after what it asked for was read, is not missed', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const name = `Tea-${uniqueEnding()}`
  await bob.joins(name)
  let goOn = () => {}
  const isAnswered = new Promise<void>((resolve) => {
    goOn = resolve
  })
  await ada.page.route('**/overview?*', async (route) => {
    const response = await route.fetch()
    goOn()
    // The page listens by then.
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

test('a lost message that could not be fetched either is fetched later', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  const line = await Line.of(ada.page)
  line.loses(/message\.created/)
  for (const person of [ada, bob]) await person.page.goto(`/c/${id}`)
  await ada.isLiveIn(id)
  await ada.page.route(`**/c/${id}/messages?*`, (route) => route.abort(), { times: 1 })
  ada.expectsErrors(/ERR_FAILED/)
  const failed = ada.page.waitForEvent('requestfailed')
  await bob.says('are you there?')
  await failed
  await ada.sees('are you there?')
})

test('who leaves a room in one tab goes on hearing everything else in the others', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  const name = `Tea-${uniqueEnding()}`
  const [inRoom, talking] = [await ada.inAnotherTab(), await ada.inAnotherTab()]
  for (const one of [ada, inRoom, bob]) await one.joins(name)
  await talking.page.goto(`/c/${id}`)
  await talking.isLiveIn(id)
  const barSeen = talking.page.waitForSelector('text=Reconnecting…', { timeout: 8000 })
  const loads = talking.countsLoads()

  await ada.presses('Leave')
  await ada.isAt('/rooms')
  // Its other page there leaves too, and does not bring the person back.
  await inRoom.isAt('/rooms')
  await expect(bob.note(`${ada.name} left`)).toBeVisible()
  await bob.page.goto(`/c/${id}`)
  await bob.says('still there?')
  await talking.sees('still there?')
  await talking.isLiveIn(id)
  await bob.says('and now?')
  await talking.sees('and now?')
  for (const tab of [ada, inRoom]) await tab.isLive()
  await expect(barSeen).rejects.toThrow('Timeout')
  expect(loads()).toBe(0)
  expect(await attendsUntil(ada, await roomId(name))).toBe(0)
})
