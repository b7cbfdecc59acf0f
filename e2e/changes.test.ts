import type { Page, Route } from '@playwright/test'
import type { Change } from '@/app/browser/outbox'
import { findViolations } from './axe'
import { expect, type Person, test, twoTalking, uniqueEnding } from './people'
import { makeConversation, removeMember, storedBodies } from './seed'

const changing = /\/(c|room)\/[^/]+\/(changes|messages)$/

/** Makes sends and changes from the page fail. @returns a function that ends this */
async function cutOff(person: Person, page: Page = person.page) {
  person.expectsErrors(/ERR_FAILED/)
  await page.route(changing, (route) => route.abort())
  return () => page.unroute(changing)
}

/** Changes a message as the person's page does. */
async function changes(person: Person, id: string, change: Change) {
  const answer = await person.context.request.post(`/c/${id}/changes`, {
    data: change,
    headers: { 'parley-user': person.id },
  })
  expect(await answer.json()).toHaveProperty('stored')
}

/** Puts changes into the outbox, as they are kept while the page is offline. */
const keepsInOutbox = (person: Person, id: string, changes: Change[]) =>
  person.page.evaluate(
    ({ prefix, id, changes }) => {
      for (const [index, change] of changes.entries()) {
        const entry = {
          nonce: `n${index}`,
          conversationId: id,
          path: `/c/${id}`,
          body: '',
          change,
          at: index + 1,
        }
        localStorage.setItem(`${prefix}n${index}`, JSON.stringify(entry))
      }
    },
    { prefix: `parley.outbox.${person.id}.`, id, changes },
  )

const inOutbox = (page: Page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('parley.outbox.')).length)

const react = (seq: number): Change => ({ what: 'react', seq, emoji: '👍', added: true })
const thumb = () => react(1)
const edit = (body: string, version = 0): Change => ({ what: 'edit', seq: 1, body, version })
const pill = (person: Person, emoji = '👍') =>
  person.messages.first().getByRole('button', { name: new RegExp(`^${emoji}`) })

test('a reaction shows for both at once, with names, and is added and removed by pressing it', async ({
  person,
}) => {
  const { ada, bob, id } = await twoTalking(person, 1)
  await changes(bob, id, thumb())
  await expect(pill(ada)).toHaveAccessibleName(`👍 ${bob.name}`)
  await expect(pill(ada)).toHaveAttribute('title', bob.name)
  await expect(pill(ada)).toHaveAttribute('aria-pressed', 'false')
  await expect(pill(bob)).toHaveAttribute('aria-pressed', 'true')
  await expect(ada.entry(bob)).toContainText(`${bob.name} 👍 message 1`)

  await pill(ada).click()
  for (const one of [ada, bob]) await expect(pill(one)).toContainText('👍 2')
  await expect(pill(ada)).toHaveAccessibleName(`👍 You, ${bob.name}`)
  await expect(pill(ada)).toHaveAttribute('aria-pressed', 'true')
  await pill(bob).click()
  for (const one of [ada, bob]) await expect(pill(one)).not.toContainText('2')
  await expect(ada.entry(bob)).not.toContainText('👍')
  await expect(ada.entry(bob)).toContainText('message 1')
  await pill(ada).click()
  for (const one of [ada, bob]) await expect(pill(one)).toHaveCount(0)
})

test('a reaction made offline is marked, survives a reload, and is sent once', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person, 1)
  await changes(bob, id, thumb())
  const reconnect = await cutOff(ada)
  await pill(ada).click()
  await expect(pill(ada)).toHaveAccessibleName(/You, .*Waiting to be sent/)
  await ada.page.reload()
  await expect(pill(ada)).toHaveAccessibleName(/You, .*Waiting to be sent/)
  await expect(pill(bob)).not.toContainText('2')
  await reconnect()
  for (const one of [ada, bob]) await expect(pill(one)).toContainText('👍 2')
  await expect(pill(ada)).toHaveAccessibleName(`👍 You, ${bob.name}`)
  await expect.poll(() => inOutbox(ada.page)).toBe(0)
})

test('an edit and a deletion made offline are marked, and sent in order with messages', async ({
  person,
}) => {
  const { ada, bob, id } = await twoTalking(person, 3)
  const reconnect = await cutOff(ada)
  await keepsInOutbox(ada, id, [edit('one'), edit('two'), { what: 'delete', seq: 3 }, react(2)])
  await ada.page.reload()
  await ada.sends('after all that')
  const waiting = ada.messages.filter({ hasText: 'Waiting to be sent' })
  await expect(waiting).toHaveCount(3)
  await expect(waiting.first()).toContainText('two')
  await expect(waiting.last()).toContainText('message 3')
  await expect(bob.messages.first()).toContainText('message 1')
  for (const colorScheme of ['light', 'dark'] as const) {
    await ada.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await findViolations(ada.page), colorScheme).toEqual([])
  }

  const order: string[] = []
  ada.page.on('request', (request) => {
    if (request.method() === 'POST' && changing.test(request.url()))
      order.push(request.postDataJSON().what ?? 'send')
  })
  await reconnect()
  await bob.sees('two')
  await ada.sees('after all that')
  await expect(waiting).toHaveCount(0)
  expect(await storedBodies(id)).toEqual(['two', 'message 2', '', 'after all that'])
  expect(order.slice(-5)).toEqual(['edit', 'edit', 'delete', 'react', 'send'])
})

test('an edit whose answer was lost is no conflict when it is repeated', async ({ person }) => {
  const { ada, id } = await twoTalking(person, 1)
  ada.expectsErrors(/ERR_FAILED/)
  let requests = 0
  await ada.page.route(changing, async (route) => {
    if (requests++) return route.continue()
    await route.fetch()
    await route.abort()
  })
  await keepsInOutbox(ada, id, [edit('one'), edit('two')])
  await ada.page.reload()
  await ada.sees('two')
  await expect.poll(() => inOutbox(ada.page)).toBe(0)
  expect(requests).toBe(3)
  expect(await storedBodies(id)).toEqual(['two'])
})

test('a waiting message can be edited, and deleted', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person)
  const reconnect = await cutOff(ada)
  for (const body of ['first', 'second']) await ada.sends(body)
  await ada.waitsToSend('first', 'second')
  const row = (text: string) => ada.page.getByRole('main').getByRole('listitem').filter({ hasText: text })
  await row('first').getByRole('button', { name: 'Edit' }).click()
  const field = ada.page.getByRole('textbox', { name: 'Edit message' })
  await expect(field).toBeFocused()
  await field.fill('the first')
  await ada.presses('Cancel')
  await ada.waitsToSend('first', 'second')
  await row('first').getByRole('button', { name: 'Edit' }).click()
  await field.fill('the very first')
  await field.press('Enter')
  await row('second').getByRole('button', { name: 'Delete' }).click()
  await ada.waitsToSend('the very first')
  await ada.page.reload()
  await ada.waitsToSend('the very first')
  await reconnect()
  await bob.seesAll(['the very first'])
  expect(await storedBodies(id)).toEqual(['the very first'])
})

test('a message that is edited or deleted while it is being stored is changed afterwards', async ({
  person,
}) => {
  const { ada, bob, id } = await twoTalking(person)
  for (const act of ['edit', 'delete'] as const) {
    const held: Route[] = []
    ada.expectsErrors(/ERR_FAILED/)
    let requests = 0
    await ada.page.route(/\/messages$/, (route) => {
      // The second attempt waits, so that the message can be changed meanwhile.
      if (requests++) held.push(route)
      else route.abort()
    })
    await ada.sends('too quick')
    await ada.waitsToSend('too quick')
    await ada.presses('Edit')
    const field = ada.page.getByRole('textbox', { name: 'Edit message' })
    await expect.poll(() => held.length).toBe(1)
    if (act === 'edit') {
      await field.fill('better')
      await ada.presses('Save')
    } else {
      await ada.presses('Cancel')
      await ada.presses('Delete')
    }
    await held[0]?.continue()
    await ada.page.unroute(/\/messages$/)
    if (act === 'edit') await bob.sees('better')
    await expect.poll(() => storedBodies(id)).toEqual(act === 'edit' ? ['better'] : ['better', ''])
  }
})

test('a change that is refused says why, and its text can be edited again or discarded', async ({
  person,
}) => {
  const { ada, bob, id } = await twoTalking(person, 3)
  await changes(ada, id, edit('newer'))
  await changes(bob, id, { what: 'delete', seq: 2 })
  await keepsInOutbox(ada, id, [
    edit('typed offline'),
    { what: 'react', seq: 2, emoji: '👍', added: true },
    { what: 'edit', seq: 2, body: 'not mine', version: 0 },
  ])
  await ada.page.reload()
  const refused = ada.page
    .getByRole('main')
    .getByRole('listitem')
    .filter({ has: ada.page.getByRole('alert') })
  await expect(refused).toHaveText([
    /^typed offlineNot edited: This message was edited meanwhile\./,
    /^👍Reaction not changed: This message was deleted\./,
    /^not mineNot edited: You can edit only your own messages\./,
  ])
  for (const left of [2, 1]) {
    await refused.last().getByRole('button', { name: 'Discard' }).click()
    await expect(refused).toHaveCount(left)
  }
  await ada.page.reload()
  await refused.getByRole('button', { name: 'Edit' }).click()
  const field = ada.page.getByRole('textbox', { name: 'Edit message' })
  await expect(field).toHaveValue('typed offline')
  await field.press('Enter')
  await bob.sees('typed offline')
  await expect(refused).toHaveCount(0)
  expect(await storedBodies(id)).toEqual(['typed offline', '', 'message 3'])
})

test('both tabs show a change that waits in one of them, and it is sent once', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person, 1)
  await changes(bob, id, thumb())
  const tab = await ada.inAnotherTab()
  await tab.opensConversation(id)
  const reconnects = [await cutOff(ada), await cutOff(tab)]
  await pill(ada).click()
  for (const one of [ada, tab]) await expect(pill(one)).toHaveAccessibleName(/Waiting to be sent/)
  for (const reconnect of reconnects) await reconnect()
  for (const one of [ada, tab, bob]) await expect(pill(one)).toContainText('👍 2')
  await expect(pill(tab)).toHaveAccessibleName(`👍 You, ${bob.name}`)
})

test('changes of a person who was removed meanwhile are refused and kept', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  await ada.page.goto('/people')
  await removeMember(ada, id)
  await keepsInOutbox(ada, id, [edit('one'), thumb()])
  await ada.page.reload()
  const refusals = () =>
    ada.page.evaluate(() =>
      Object.entries(localStorage)
        .filter(([key]) => key.startsWith('parley.outbox.'))
        .map(([, entry]) => JSON.parse(entry).refusal),
    )
  await expect.poll(refusals).toEqual(['There is no such conversation.', 'There is no such conversation.'])
})

test('a reaction in a room that the person has left offline joins it again', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const room = `tea-${uniqueEnding()}`
  for (const one of [ada, bob]) await one.joins(room)
  await bob.says('hello')
  const id = await ada.conversationId()
  await changes(bob, id, thumb())
  const reconnect = await cutOff(ada)
  await pill(ada).click()
  await expect(pill(ada)).toHaveAccessibleName(/Waiting to be sent/)
  await removeMember(ada, id)
  await reconnect()
  await expect(pill(bob)).toContainText('👍 2')
})

test('the page stays as it is when a message is pointed at offline, and its actions appear once online', async ({
  person,
}) => {
  const { ada } = await twoTalking(person, 1)
  ada.expectsErrors(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch|Failed to load/)
  const [message, bar] = [ada.messages.first(), ada.page.getByRole('toolbar', { name: 'Message actions' })]
  await ada.context.setOffline(true)
  await message.hover()
  await ada.composer.hover()
  await ada.sends('still here')
  await ada.waitsToSend('still here')
  await expect(bar).toHaveCount(0)
  await ada.context.setOffline(false)
  await ada.sees('still here')
  await message.hover()
  await expect(bar).toBeVisible()
})
