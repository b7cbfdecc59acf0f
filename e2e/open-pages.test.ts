import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { type CreatePerson, expect, test, twoTalking } from './people'

/** Like `twoTalking`, and waits for the requests that follow loading a page. */
async function twoSettled(person: CreatePerson) {
  const people = await twoTalking(person, 1)
  await people.bob.page.waitForLoadState('networkidle')
  return people
}

/** Records the page's requests from now on, as method and path. */
function recordRequests(page: Page) {
  const requests: string[] = []
  page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`))
  return requests
}

/** Makes the page believe that it is hidden behind another tab, or visible again. */
const setHidden = (page: Page, isHidden: boolean) =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)

test('new messages cause no request of a visible page but a report, at most once a second', async ({
  person,
}) => {
  const { ada, bob } = await twoSettled(person)
  const requests = recordRequests(bob.page)
  const began = Date.now()
  for (let count = 1; count <= 8; count++) await ada.says(`hello ${count}`)
  await bob.sees('hello 8')
  await expect(ada.stored('hello 8')).toContainText('Read')
  const seconds = (Date.now() - began) / 1000
  expect(new Set(requests)).toEqual(new Set(['POST /receipts']))
  expect(requests.length).toBeLessThanOrEqual(seconds + 1)
})

test('a hidden page shows new messages, and sends no request at all', async ({ person }) => {
  const { ada, bob } = await twoSettled(person)
  await setHidden(bob.page, true)
  const requests = recordRequests(bob.page)
  for (let count = 1; count <= 3; count++) await ada.says(`hello ${count}`)
  await bob.sees('hello 3')
  await expect(bob.page).toHaveTitle(`(3) ${ada.name} – Parley`)
  await expect(bob.entry(ada)).toContainText('3 unread')
  // Longer than the interval of reports.
  await sleep(1500)
  expect(requests).toEqual([])
  await expect(ada.stored('hello 3')).toContainText('Sent')

  await setHidden(bob.page, false)
  await expect(ada.stored('hello 3')).toContainText('Read')
  await expect(bob.page).toHaveTitle(`${ada.name} – Parley`)
  await expect(bob.entry(ada)).not.toContainText('unread')
})

test('messages read just before the page is hidden are reported', async ({ person }) => {
  const { ada, bob } = await twoSettled(person)
  await ada.says('first')
  await expect(ada.stored('first')).toContainText('Read')
  await ada.says('second')
  await bob.sees('second')
  await setHidden(bob.page, true)
  await expect(ada.stored('second')).toContainText('Read')
})

test('messages read just before the page is left are reported', async ({ person }) => {
  const { ada, bob } = await twoSettled(person)
  await ada.says('first')
  await expect(ada.stored('first')).toContainText('Read')
  await ada.says('second')
  await bob.sees('second')
  await bob.page.goto('/login')
  await expect(ada.stored('second')).toContainText('Read')
})

test('a notice disappears with its page', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  for (const one of [ada, bob]) {
    await one.page.goto('/')
    await one.isLive()
  }
  await ada.invites(bob)
  const notice = bob.page.getByText(`${ada.name} invited you to a conversation.`)
  await expect(notice).toBeVisible()
  await bob.page.getByRole('link', { name: 'Invitations' }).click()
  await expect(bob.heading('Invitations')).toBeVisible()
  await expect(notice).toHaveCount(0)
})

test('every page starts at its top, also when going back', async ({ person }) => {
  const ada = await person('ada')
  await ada.page.setViewportSize({ width: 1000, height: 300 })
  const main = ada.page.getByRole('main')
  const scrolled = () => main.evaluate((element) => element.scrollTop)
  const scroll = async () => {
    await main.evaluate((element) => element.scrollTo(0, 100))
    expect(await scrolled()).toBe(100)
  }
  await ada.page.goto('/settings')
  await scroll()
  await ada.page.getByRole('link', { name: 'Rooms' }).click()
  await expect(ada.heading('Rooms')).toBeVisible()
  expect(await scrolled()).toBe(0)
  await scroll()
  await ada.page.goBack()
  await expect(ada.heading('Settings')).toBeVisible()
  expect(await scrolled()).toBe(0)
})

test('the layout and its socket stay while pages change', async ({ person }) => {
  const { ada, bob, id } = await twoSettled(person)
  let sockets = 0
  bob.page.on('websocket', () => sockets++)
  const requests = recordRequests(bob.page)
  for (const name of ['People', 'Rooms', 'Invitations']) {
    await bob.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click()
    await expect(bob.heading(name)).toBeVisible()
    await expect(bob.page).toHaveTitle(`${name} – Parley`)
  }
  await ada.says('still there?')
  await expect(bob.entry(ada)).toContainText('still there?')
  await expect(bob.page).toHaveTitle('(1) Invitations – Parley')
  await bob.opens(ada)
  await bob.isLiveIn(id)
  await bob.seesAll(['message 1', 'still there?'])
  expect(sockets).toBe(0)
  expect(requests.filter((one) => /^GET \/(people|rooms|invitations|c\/.*)$/.test(one)).length).toBe(4)
})
