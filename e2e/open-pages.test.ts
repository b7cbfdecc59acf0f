import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { expect, type Person, test } from './people'
import { makeConversation } from './seed'

type MakePerson = (name: string) => Promise<Person>

async function twoTalking(person: MakePerson) {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  for (const one of [ada, bob]) {
    await one.page.goto(`/c/${id}`)
    await one.isLiveIn(id)
  }
  // What follows the load is over.
  await bob.page.waitForLoadState('networkidle')
  return { ada, bob, id }
}

/** @returns the requests of the page since, as method and path */
function noteRequests(page: Page) {
  const requests: string[] = []
  page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`))
  return requests
}

/** As the browser says when another tab is in front. */
const setHidden = (page: Page, isHidden: boolean) =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)

test('a page in view asks for nothing because of messages, and reports at most once a second', async ({
  person,
}) => {
  const { ada, bob } = await twoTalking(person)
  const requests = noteRequests(bob.page)
  const began = Date.now()
  for (let count = 1; count <= 8; count++) await ada.says(`hello ${count}`)
  await bob.sees('hello 8')
  await expect(ada.stored('hello 8')).toContainText('Read')
  const seconds = (Date.now() - began) / 1000
  expect(new Set(requests)).toEqual(new Set(['POST /receipts']))
  expect(requests.length).toBeLessThanOrEqual(seconds + 1)
})

test('a page in the background shows what comes, and asks for nothing at all', async ({ person }) => {
  const { ada, bob } = await twoTalking(person)
  await setHidden(bob.page, true)
  const requests = noteRequests(bob.page)
  for (let count = 1; count <= 3; count++) await ada.says(`hello ${count}`)
  await bob.sees('hello 3')
  await expect(bob.page).toHaveTitle(`(3) ${ada.name} – Parley`)
  await expect(bob.entry(ada)).toContainText('3 unread')
  // Longer than until a report.
  await sleep(1500)
  expect(requests).toEqual([])
  await expect(ada.stored('hello 3')).toContainText('Sent')

  await setHidden(bob.page, false)
  await expect(ada.stored('hello 3')).toContainText('Read')
  await expect(bob.page).toHaveTitle(`${ada.name} – Parley`)
  await expect(bob.entry(ada)).not.toContainText('unread')
})

test('what was read just before the page went to the background is reported', async ({ person }) => {
  const { ada, bob } = await twoTalking(person)
  await ada.says('first')
  await expect(ada.stored('first')).toContainText('Read')
  await ada.says('second')
  await bob.sees('second')
  await setHidden(bob.page, true)
  await expect(ada.stored('second')).toContainText('Read')
})

test('what was read just before the page was left is reported', async ({ person }) => {
  const { ada, bob } = await twoTalking(person)
  await ada.says('first')
  await expect(ada.stored('first')).toContainText('Read')
  await ada.says('second')
  await bob.sees('second')
  await bob.page.goto('/login')
  await expect(ada.stored('second')).toContainText('Read')
})

test('a notice goes with the page on which it came', async ({ person }) => {
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

test('another page begins at its top, also when going back', async ({ person }) => {
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

test('the frame stays from page to page, with its socket', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person)
  let sockets = 0
  bob.page.on('websocket', () => sockets++)
  const requests = noteRequests(bob.page)
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
