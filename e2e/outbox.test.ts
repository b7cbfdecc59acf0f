import type { Page } from '@playwright/test'
import { expect, type Person, password, test, uniqueEnding } from './people'
import { countDrafts, makeConversation, removeMember, storedBodies } from './seed'

const sending = /\/(c|room)\/[^/]+\/messages$/

/** Makes sends from the page fail. @returns a function that ends this */
async function cutOff(person: Person, page: Page = person.page) {
  person.expectsErrors(/ERR_FAILED/)
  await page.route(sending, (route) => route.abort())
  return () => page.unroute(sending)
}

const inOutbox = (page: Page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('parley.outbox.')).length)

/** Creates ada and bob. Ada has their conversation open. */
async function talking(person: (name: string) => Promise<Person>) {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.opensConversation(id)
  return { ada, bob, id }
}

/** The same, but ada's page gets no updates: it stays as it was opened. */
async function talkingWithoutUpdates(person: (name: string) => Promise<Person>) {
  return talking(async (name) => {
    const created = await person(name)
    created.expectsErrors(/ERR_FAILED/)
    await created.page.route('**/overview*', (route) => route.abort())
    return created
  })
}

test('unsent messages are marked, survive a reload, and are sent by themselves, once and in order', async ({
  person,
}) => {
  const { ada, bob, id } = await talking(person)
  const reconnect = await cutOff(ada)
  for (const body of ['one', 'two', 'three']) await ada.sends(body)
  await ada.waitsToSend('one', 'two', 'three')
  await ada.page.reload()
  await ada.waitsToSend('one', 'two', 'three')
  expect(await storedBodies(id)).toEqual([])

  await reconnect()
  await ada.seesAll(['one', 'two', 'three'])
  await ada.waitsToSend()
  expect(await storedBodies(id)).toEqual(['one', 'two', 'three'])
  expect(await inOutbox(ada.page)).toBe(0)
  await bob.page.goto(`/c/${id}`)
  await bob.seesAll(['one', 'two', 'three'])
})

test('a message written offline is sent as soon as the browser is online', async ({ person }) => {
  const { ada, id } = await talking(person)
  ada.expectsErrors(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch/)
  await ada.context.setOffline(true)
  await ada.sends('from the tunnel')
  await ada.waitsToSend('from the tunnel')
  await ada.context.setOffline(false)
  await ada.sees('from the tunnel')
  expect(await storedBodies(id)).toEqual(['from the tunnel'])
})

test('waiting messages are sent from any page, also on a later visit', async ({ person }) => {
  const { ada, id } = await talking(person)
  await cutOff(ada)
  await ada.sends('later')
  await ada.waitsToSend('later')
  await ada.page.close()

  const page = await ada.context.newPage()
  await page.goto('/people')
  await expect.poll(() => storedBodies(id)).toEqual(['later'])
  await expect.poll(() => inOutbox(page)).toBe(0)
})

test('a message waits if the site fails', async ({ person }) => {
  const { ada, id } = await talking(person)
  ada.expectsErrors(/status of 50[02]/)
  let requests = 0
  await ada.page.route(sending, (route) =>
    requests++ < 2 ? route.fulfill({ status: [500, 502][requests - 1], body: 'No.' }) : route.continue(),
  )
  await ada.sends('patience')
  await ada.waitsToSend('patience')
  await ada.sees('patience')
  expect(await storedBodies(id)).toEqual(['patience'])
})

test('sending too much at once shows a notice, and the rest is sent after a while', async ({ person }) => {
  const { ada, id } = await talking(person)
  let requests = 0
  const json = { holdUp: 'That is a lot at once. It goes on in 3 seconds.', waitMs: 3000 }
  await ada.page.route(sending, (route) => (requests++ ? route.continue() : route.fulfill({ json })))
  for (const body of ['one', 'two']) await ada.sends(body)
  await ada.waitsToSend('one', 'two')
  await expect(ada.page.getByText('That is a lot at once.')).toHaveCount(2)
  await expect(ada.button('Try again')).toHaveCount(0)
  await ada.seesAll(['one', 'two'])
  expect(requests).toBe(3)
  expect(await storedBodies(id)).toEqual(['one', 'two'])
})

test('one tab sends what another could not, once, and both show it', async ({ person }) => {
  const { ada, id } = await talking(person)
  const other = await ada.context.newPage()
  await other.goto(`/c/${id}`)
  // A page that updates sends waiting messages at once. After that it gives the other tab some seconds.
  await other.waitForLoadState('networkidle')
  await cutOff(ada)
  await ada.sends('said in one tab')
  await ada.waitsToSend('said in one tab')

  for (const page of [ada.page, other])
    await expect(page.locator('ol > li[data-seq]')).toHaveText([/said in one tab/])
  await ada.waitsToSend()
  expect(await storedBodies(id)).toEqual(['said in one tab'])
})

test('a waiting message that is refused shows why and keeps its text, and the next ones are sent', async ({
  person,
}) => {
  const { ada, id } = await talking(person)
  const reconnect = await cutOff(ada)
  for (const body of ['x'.repeat(4001), 'y'.repeat(4002), 'short']) await ada.sends(body)
  await ada.waitsToSend('x'.repeat(4001), 'y'.repeat(4002), 'short')
  await ada.page.reload()
  await reconnect()
  await ada.sees('short')
  const refused = ada.page.getByRole('main').getByRole('listitem').filter({ hasText: 'Not sent' })
  const reason = /Not sent: A message has at most 4,000 characters\./
  await expect(refused).toHaveText([reason, reason])

  await refused.filter({ hasText: 'yyy' }).getByRole('button', { name: 'Discard' }).click()
  await expect(refused).toHaveCount(1)
  await ada.page.reload()
  await ada.composer.fill('and more')
  await ada.presses('Edit')
  await expect(ada.composer).toBeFocused()
  await expect(ada.composer).toHaveValue(`${'x'.repeat(4001)}\nand more`)
  await expect(ada.composer).toHaveAccessibleDescription('A message has at most 4,000 characters.')
  await expect(refused).toHaveCount(0)
  await ada.page.reload()
  await expect(ada.composer).toHaveValue(`${'x'.repeat(4001)}\nand more`)
  expect(await storedBodies(id)).toEqual(['short'])
})

test('a waiting text is kept if the conversation was closed meanwhile', async ({ person }) => {
  const { ada, bob, id } = await talking(person)
  const reconnect = await cutOff(ada)
  await ada.sends('one more thing')
  await ada.waitsToSend('one more thing')
  await ada.composer.fill('and another')
  await bob.blocks(ada)
  await reconnect()
  await expect(ada.page.getByText('Not sent: This conversation is closed.')).toBeVisible()
  await expect(ada.composer).toHaveValue('and another')

  await ada.page.reload()
  await expect(ada.page.getByText('one more thing')).toBeVisible()
  await expect(ada.composer).toHaveValue('and another')
  await expect(ada.composer).toHaveAccessibleDescription('This conversation is closed.')
  await ada.presses('Discard')
  await ada.composer.fill('')
  await expect(ada.composer).toHaveCount(0)
  await expect(ada.page.getByText('This conversation is closed.')).toBeVisible()
  expect(await storedBodies(id)).toEqual([])
})

test('a person who is no longer in the conversation is told so, and keeps the text', async ({ person }) => {
  const { ada, id } = await talkingWithoutUpdates(person)
  await removeMember(ada, id)
  await ada.sends('still there?')
  await expect(ada.composer).toHaveValue('still there?')
  await expect(ada.composer).toHaveAccessibleDescription('There is no such conversation.')
  expect(await storedBodies(id)).toEqual([])
})

test('a waiting message for a room that the person has left joins it again', async ({ person }) => {
  const ada = await person('ada')
  const room = `tea-${uniqueEnding()}`
  await ada.joins(room)
  const id = await ada.conversationId()
  await cutOff(ada)
  await ada.sends('is anybody here?')
  await ada.waitsToSend('is anybody here?')
  await ada.page.close()
  await removeMember(ada, id)

  const page = await ada.context.newPage()
  await page.goto('/rooms')
  await expect.poll(() => storedBodies(id)).toEqual(['is anybody here?'])
})

test('a message sent after the login session ended is sent once after the next login', async ({ person }) => {
  const { ada, id } = await talkingWithoutUpdates(person)
  await ada.isLoggedOutElsewhere()
  await ada.sends('said too late')
  await ada.isAt(`/login?from=${encodeURIComponent(`/c/${id}`)}`)
  expect(await storedBodies(id)).toEqual([])
  await ada.fillsLogIn()
  await ada.isAt(`/c/${id}`)
  await ada.sees('said too late')
  expect(await storedBodies(id)).toEqual(['said too late'])
})

test('an unfinished message survives a reload and the end of the login session, for its writer only', async ({
  person,
}) => {
  const { ada, bob, id } = await talking(person)
  await ada.composer.fill('half a')
  await ada.page.reload()
  await expect(ada.composer).toHaveValue('half a')
  await ada.composer.fill('half a thought')
  await ada.isLiveIn(id)
  await ada.isLoggedOutElsewhere()
  await ada.page.reload()
  await ada.isAt(`/login?from=${encodeURIComponent(`/c/${id}`)}`)

  await ada.fillsLogIn(password, bob.username)
  await ada.isAt(`/c/${id}`)
  await expect(ada.composer).toHaveValue('')
  await bob.isLoggedOutElsewhere()
  await ada.page.reload()

  await ada.fillsLogIn()
  await ada.isAt(`/c/${id}`)
  await expect(ada.composer).toHaveValue('half a thought')
  await ada.says('half a thought, and the other half')
  await ada.page.reload()
  await expect(ada.composer).toHaveValue('')
  expect(await storedBodies(id)).toEqual(['half a thought, and the other half'])
})

test('a form posted before the script runs, after the session ended, is kept as a draft once', async ({
  person,
}) => {
  const { ada, bob, id } = await talkingWithoutUpdates(person)
  await ada.composer.fill('quicker than the script')
  await ada.isLoggedOutElsewhere()
  await ada.page.evaluate(() => {
    // Remove the tab's copy, because this test is about the site's copy.
    sessionStorage.clear()
    document.querySelector<HTMLFormElement>('form:has(#composer)')?.submit()
  })
  await expect(ada.page).toHaveURL(new RegExp(`/login\\?from=${encodeURIComponent(`/c/${id}?draft=`)}`))
  await ada.fillsLogIn()
  await ada.isTalkingTo(bob)
  await expect(ada.composer).toHaveValue('quicker than the script')
  await expect.poll(() => countDrafts(ada)).toBe(0)
  await ada.page.reload()
  await expect(ada.composer).toHaveValue('quicker than the script')
  await ada.says('quicker than the script')
  await ada.page.reload()
  await expect(ada.composer).toHaveValue('')
  expect(await storedBodies(id)).toEqual(['quicker than the script'])
})

test('waiting messages are not shown to, or sent as, another person who logs in', async ({ person }) => {
  const { ada, bob, id } = await talking(person)
  const reconnect = await cutOff(ada)
  await ada.sends('from ada')
  await ada.waitsToSend('from ada')
  await ada.endsSession('Log out')
  await reconnect()
  await ada.fillsLogIn(password, bob.username)
  await ada.isAt('/')
  await ada.opensConversation(id)
  await ada.waitsToSend()
  await ada.says('from bob')
  await expect(ada.page.getByText('from ada')).toHaveCount(0)
  await ada.endsSession('Log out')

  await ada.logsIn()
  await expect.poll(() => storedBodies(id)).toEqual(['from bob', 'from ada'])
})

test('a page does not send as another person who logged in in another tab', async ({ person }) => {
  const { ada, bob, id } = await talking(person)
  // Replace the cookies in one step, because a page without a login session goes to the login.
  await ada.context.addCookies(await bob.context.cookies())
  await ada.sends('written as ada')
  await expect(ada.heading(ada.username)).toBeVisible()
  await expect(ada.page.getByText('written as ada')).toHaveCount(0)
  expect(await storedBodies(id)).toEqual([])
})

test('logging out deletes unfinished messages from the browser', async ({ person }) => {
  const { ada, id } = await talking(person)
  await ada.composer.fill('never mind')
  await ada.endsSession('Log out')
  expect(await ada.page.evaluate(() => ({ ...sessionStorage }))).toEqual({})
  await ada.logsIn()
  await ada.page.goto(`/c/${id}`)
  await expect(ada.composer).toHaveValue('')
})

test('without browser storage, a message waits as long as the page is open', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException('It is forbidden.', 'SecurityError')
        },
      })
  })
  await ada.page.goto(`/c/${id}`)
  const reconnect = await cutOff(ada)
  for (const body of ['one', 'two']) await ada.sends(body)
  await ada.waitsToSend('one', 'two')
  await reconnect()
  await ada.seesAll(['one', 'two'])
  expect(await storedBodies(id)).toEqual(['one', 'two'])
})

test.describe('on plain http, at a name other than localhost', () => {
  const url = new URL(process.env.PARLEY_SITE_URL ?? '')
  test.use({ baseURL: `http://parley.test:${url.port}` })

  test('the outbox works the same', async ({ stranger }) => {
    const [ada, bob] = [await stranger('ada'), await stranger('bob')]
    for (const one of [ada, bob]) {
      await one.hasAccount()
      await one.logsIn()
    }
    const id = await makeConversation(ada, bob)
    for (const one of [ada, bob]) await one.opensConversation(id)
    expect(await ada.page.evaluate(() => isSecureContext)).toBe(false)
    await ada.says('hello')
    await bob.sees('hello')
    await expect(ada.stored('hello')).toContainText('Read')

    const reconnect = await cutOff(ada)
    await ada.sends('once')
    await ada.waitsToSend('once')
    const other = await ada.context.newPage()
    await Promise.all([other.goto(`/c/${id}`), reconnect()])
    await bob.seesAll(['hello', 'once'])
    await ada.waitsToSend()
    expect(await storedBodies(id)).toEqual(['hello', 'once'])
  })
})
