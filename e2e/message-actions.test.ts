import { findViolations } from './axe'
import { expect, type Person, test, twoTalking, uniqueEnding } from './people'
import { ageMessages, makeConversation, storedBodies } from './seed'

const bar = ({ page }: Person) => page.getByRole('toolbar', { name: 'Message actions' })
const action = (person: Person, name: string) => bar(person).getByRole('link', { name })

/** Points at a message, and clicks on what can be done with it. */
async function acts(person: Person, seq: number, name: string) {
  const message = person.page.locator(`#m${seq}`)
  await message.hover()
  await message.getByRole('toolbar').getByRole('link', { name }).click()
}
const dialog = ({ page }: Person, name: string) => page.getByRole('dialog', { name })

/** Clicks on what a message answers, when the script is loaded: before, the link leads to another page. */
async function clicksQuote(person: Person, body: string, quoted: string) {
  const message = person.stored(body)
  await message.hover()
  await expect(message.getByRole('toolbar')).toBeVisible()
  await message.getByRole('link', { name: quoted }).click()
}

test('a message is edited in its place, and everyone sees it at once', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person, 1)
  await acts(ada, 1, 'Edit')
  const field = ada.field('Edit message')
  await expect(field).toBeFocused()
  await expect(field).toHaveValue('message 1')
  await field.fill('said better')
  await field.press('Enter')
  for (const one of [ada, bob]) {
    await one.seesAll(['said better'])
    await expect(one.messages.getByRole('link', { name: 'edited' })).toBeVisible()
  }
  await expect(ada.composer).toBeFocused()
  expect(await storedBodies(id)).toEqual(['said better'])
  await bob.messages.getByRole('link', { name: 'edited' }).click()
  await expect(bob.page.getByRole('main').getByText('message 1', { exact: true })).toBeVisible()
})

test('the up arrow in an empty composer edits the last own message, and Escape cancels', async ({
  person,
}) => {
  const { ada, id } = await twoTalking(person, 4)
  await ada.composer.press('ArrowUp')
  await expect(ada.field('Edit message')).toHaveValue('message 3')
  await ada.page.keyboard.type('!')
  await expect(ada.field('Edit message')).toHaveValue('message 3!')
  await ada.field('Edit message').fill('something else')
  await ada.page.keyboard.press('Escape')
  await expect(ada.field('Edit message')).toHaveCount(0)
  await expect(ada.composer).toBeFocused()
  await ada.sees('message 3')
  await ada.composer.fill('a text')
  await ada.composer.press('ArrowUp')
  await expect(ada.field('Edit message')).toHaveCount(0)
  expect(await storedBodies(id)).toEqual([1, 2, 3, 4].map((number) => `message ${number}`))
})

test('deleting asks once, and the message disappears everywhere', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person, 3)
  await acts(ada, 1, 'Delete')
  await dialog(ada, 'Delete this message?').getByRole('button', { name: 'Cancel' }).click()
  await ada.sees('message 1')
  await acts(ada, 1, 'Delete')
  await dialog(ada, 'Delete this message?').getByRole('button', { name: 'Delete message' }).click()
  for (const one of [ada, bob]) await expect(one.messages.first()).toHaveText(/Message deleted$/)
  expect(await storedBodies(id)).toEqual(['', 'message 2', 'message 3'])
  await ada.messages.first().hover()
  await expect(bar(ada)).toHaveCount(0)
})

test('only what is possible is offered', async ({ person }) => {
  const { ada, id } = await twoTalking(person, 2)
  await ada.stored('message 2').hover()
  await expect(bar(ada).getByRole('link')).toHaveText(['React', 'Reply', 'More'])
  await ageMessages(id, '25 hours')
  await ada.page.reload()
  await ada.stored('message 1').hover()
  await expect(bar(ada).getByRole('link')).toHaveText(['React', 'Reply', 'Delete', 'More'])
  await action(ada, 'More').click()
  await ada.isAt(`/c/${id}/m/1`)
})

test('a reply shows what it answers, and a click on that leads there', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person, 60)
  await acts(bob, 59, 'Reply')
  await expect(bob.composer).toBeFocused()
  await bob.composer.fill('I agree')
  await bob.page.reload()
  await expect(bob.page.locator('form').getByText('message 59')).toBeVisible()
  await expect(bob.composer).toHaveValue('I agree')
  await bob.presses('Send')
  await expect(bob.page.getByRole('link', { name: "Don't reply" })).toHaveCount(0)
  for (const one of [ada, bob])
    await expect(one.stored('I agree').getByRole('link', { name: 'message 59' })).toBeVisible()

  await ada.page.evaluate(() => document.querySelector('#m11')?.scrollIntoView())
  await clicksQuote(ada, 'I agree', 'message 59')
  await expect(ada.page.locator('#m59')).toBeFocused()
  await expect(ada.page.locator('#m59')).toBeInViewport()
  await ada.isAt(`/c/${id}`)

  await bob.page.goto(`/c/${id}?reply=1`)
  await bob.says('to the first')
  await clicksQuote(ada, 'to the first', 'message 1')
  await expect(ada.page.locator('#m1')).toBeInViewport()
})

test('a reply that is not wanted anymore is an ordinary message', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person, 1)
  await ada.page.goto(`/c/${id}?reply=1#composer`)
  await ada.page.getByRole('link', { name: "Don't reply" }).click()
  await expect(ada.composer).toBeFocused()
  await ada.says('hello')
  await expect(bob.stored('hello')).toBeVisible()
  await expect(bob.messages.locator('[data-quote]')).toHaveCount(0)
  await ada.page.reload()
  await expect(ada.page.getByRole('link', { name: "Don't reply" })).toHaveCount(0)
})

test('the answered message is shown as it is now, and a reply to a deleted one comes back', async ({
  person,
}) => {
  const { ada, bob, id } = await twoTalking(person, 1)
  await acts(bob, 1, 'Reply')
  await ada.page.goto(`/c/${id}/m/1/edit`)
  await ada.field('Message').fill('said better')
  await ada.presses('Save')
  await expect(bob.page.locator('form').getByText('said better')).toBeVisible()
  await ada.page.goto(`/c/${id}/m/1/delete`)
  await ada.presses('Delete message')
  await expect(bob.page.locator('form').getByText('Message deleted')).toBeVisible()
  await bob.sends('too late')
  await expect(bob.composer).toHaveAccessibleDescription('That message cannot be answered.')
  await expect(bob.composer).toHaveValue('too late')
  await bob.presses('Send')
  await bob.sees('too late')
})

test('the keyboard is enough: a message is one stop, and the arrows lead to its actions', async ({
  person,
}) => {
  const { ada } = await twoTalking(person, 2)
  await ada.stored('message 1').focus()
  await expect(bar(ada)).toBeVisible()
  await ada.page.keyboard.press('Tab')
  await expect(ada.stored('message 2')).toBeFocused()
  await ada.page.keyboard.press('Shift+Tab')
  for (let step = 0; step < 5 && !(await isFocused(action(ada, 'Reply'))); step++)
    await ada.page.keyboard.press('ArrowRight')
  await expect(action(ada, 'Reply')).toBeFocused()
  await ada.page.keyboard.press('ArrowRight')
  await expect(action(ada, 'Edit')).toBeFocused()
  await ada.page.keyboard.press('Enter')
  await expect(ada.field('Edit message')).toBeFocused()
})
const isFocused = (locator: ReturnType<typeof action>) =>
  locator.evaluate((element) => element === document.activeElement)

test('two edits at the same time: the second comes back', async ({ person }) => {
  const { ada, id } = await twoTalking(person, 1)
  await ada.composer.press('ArrowUp')
  await ada.field('Edit message').fill('second edit')
  const tab = await ada.inAnotherTab()
  await tab.page.goto(`/c/${id}/m/1/edit`)
  await tab.field('Message').fill('first edit')
  await tab.presses('Save')
  await tab.sees('first edit')
  await ada.field('Edit message').press('Enter')
  await expect(ada.alert).toContainText('This message was edited meanwhile.')
  await expect(ada.page.getByText('second edit', { exact: true })).toBeVisible()
  await ada.sees('first edit')
})

test('nothing moves when the actions appear, and they cover no text', async ({ person }) => {
  const { ada } = await twoTalking(person, 2)
  await ada.says('a long text '.repeat(60).trim())
  const before = await boxes(ada)
  for (const message of await ada.messages.all()) {
    await message.hover()
    await expect(bar(ada)).toBeVisible()
    expect(await boxes(ada)).toEqual(before)
    const [barBox, textBox] = [
      await bar(ada).boundingBox(),
      await message.locator('.message > div').first().boundingBox(),
    ]
    expect(
      barBox && textBox && (barBox.x >= textBox.x + textBox.width || barBox.x + barBox.width <= textBox.x),
    ).toBe(true)
  }
})
const boxes = ({ messages }: Person) =>
  messages.evaluateAll((items) => items.map((item) => item.getBoundingClientRect().toJSON()))

test('a long press on a touch screen opens the actions', async ({ browser, person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 2)
  const phone = await browser.newContext({
    storageState: await ada.context.storageState(),
    hasTouch: true,
    isMobile: true,
    viewport: { width: 360, height: 720 },
  })
  const page = await phone.newPage()
  await page.goto(`/c/${id}`)
  const message = page.locator('#m1')
  await expect(message.locator('time')).not.toContainText('UTC')
  await page.locator('header h1').tap()
  const touch = { pointerType: 'touch', bubbles: true, isPrimary: true, clientX: 100, clientY: 200 }
  await message.dispatchEvent('pointerover', touch)
  await expect(async () => {
    await message.dispatchEvent('pointerdown', touch)
    await expect(page.getByRole('dialog', { name: 'Message actions' })).toBeVisible({ timeout: 2000 })
  }).toPass()
  const sheet = page.getByRole('dialog', { name: 'Message actions' })
  await expect(sheet.getByRole('link')).toHaveText(['React', 'Reply', 'Edit', 'Delete', 'More'])
  expect(await findViolations(page)).toEqual([])
  await sheet.getByRole('link', { name: 'Reply' }).tap()
  await expect(sheet).toHaveCount(0)
  await expect(page.getByRole('link', { name: "Don't reply" })).toBeVisible()
  await phone.close()
})

test('messages of a room are edited, answered and deleted too', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const room = `tea-${uniqueEnding()}`
  for (const one of [ada, bob]) await one.joins(room)
  await ada.says('hello')
  await ada.composer.press('ArrowUp')
  await ada.field('Edit message').fill('hello all')
  await ada.field('Edit message').press('Enter')
  await bob.sees('hello all')
  await acts(bob, 1, 'Reply')
  await bob.says('hello ada')
  await expect(ada.stored('hello ada').getByRole('link', { name: 'hello all' })).toBeVisible()
  await acts(ada, 1, 'Delete')
  await ada.presses('Delete message')
  await expect(bob.stored('hello ada').getByRole('link', { name: 'Message deleted' })).toBeVisible()
})
