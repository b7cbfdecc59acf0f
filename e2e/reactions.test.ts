import { findViolations } from './axe'
import { type CreatePerson, expect, type Person, test, twoTalking } from './people'
import { makeConversation } from './seed'

/** The reactions listed on a message's page. */
const listed = ({ page }: Person) =>
  page.locator('section', { has: page.getByRole('heading', { name: 'Reactions' }) }).getByRole('listitem')

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('two people react to a message on its page, and remove their reactions', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const id = await makeConversation(ada, bob, 1)
      for (const one of [ada, bob]) await one.page.goto(`/c/${id}/m/1`)
      await expect(listed(ada)).toHaveCount(0)
      await ada.presses('React with 👍')
      await expect(listed(ada)).toHaveText([/^👍\s+You$/])
      await bob.presses('React with 👍')
      await expect(listed(bob)).toHaveText([new RegExp(`^👍 2\\s+You, ${ada.name}$`)])
      await bob.field('Another emoji').fill('❤')
      await bob.presses('React')
      await expect(listed(bob)).toHaveText([/^👍 2/, /^❤️\s+You$/])
      await expect(bob.button('Remove ❤️')).toBeVisible()
      await bob.presses('Remove 👍')
      await expect(listed(bob)).toHaveText([new RegExp(`^👍\\s+${ada.name}$`), /^❤️/])
      await expect(bob.button('React with 👍')).toBeVisible()

      await ada.page.goto(`/c/${id}`)
      await expect(ada.messages.first()).toContainText(/👍.*❤️/)
      await expect(ada.entry(bob)).toContainText(`${bob.name} ❤️ message 1`)
    })

    test('what is no emoji is refused beside the field, which keeps it', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const id = await makeConversation(ada, bob, 1)
      await ada.page.goto(`/c/${id}/m/1`)
      await ada.field('Another emoji').fill('nice')
      await ada.presses('React')
      await expect(ada.field('Another emoji')).toHaveAccessibleDescription('Use exactly one emoji.')
      await expect(ada.field('Another emoji')).toHaveValue('nice')
      await expect(listed(ada)).toHaveCount(0)
    })

    test('a fourth reaction of one person is refused', async ({ person }) => {
      const { ada } = await fourReactions(person)
      await expect(ada.alert).toHaveText('You can react to a message with 3 emoji. Remove one first.')
      await expect(listed(ada)).toHaveCount(3)
    })
  })

test('without JavaScript, a reaction in the conversation leads to the message', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob', { javaScriptEnabled: false })]
  const id = await makeConversation(ada, bob, 1)
  await ada.page.goto(`/c/${id}/m/1`)
  await ada.presses('React with 👍')
  await expect(listed(ada)).toHaveCount(1)
  await bob.page.goto(`/c/${id}`)
  await bob.messages
    .first()
    .getByRole('link', { name: `👍 ${ada.name}` })
    .click()
  await bob.isAt(`/c/${id}/m/1`)
})

test('a message’s page with reactions is accessible, and fits the narrowest screen', async ({ person }) => {
  const { ada, id } = await fourReactions(person)
  await expect(ada.alert).toBeVisible()
  for (const path of [`/c/${id}/m/1`, `/c/${id}`]) {
    if (!ada.page.url().endsWith(path)) await ada.page.goto(path)
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1280, 360]) {
        await ada.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await ada.page.setViewportSize({ width, height: 720 })
        expect(await findViolations(ada.page), `${path}, ${colorScheme}, ${width} px`).toEqual([])
      }
    const overflow = () =>
      ada.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(await overflow()).toBe(0)
  }
})

test('with JavaScript, people react beside the message, by mouse and by keyboard', async ({ person }) => {
  const { ada, bob } = await twoTalking(person, 1)
  const first = ada.messages.first()
  const picker = ada.page.getByRole('dialog', { name: 'React' })
  const open = async () => {
    await first.hover()
    await first.getByRole('toolbar').getByRole('link', { name: 'React' }).click()
    await expect(picker.getByRole('button').first()).toBeFocused()
  }
  await open()
  await picker.getByRole('button', { name: 'React with 👍' }).click()
  await expect(picker).toHaveCount(0)
  for (const one of [ada, bob])
    await expect(one.messages.first().getByRole('button', { name: /^👍/ })).toHaveCount(1)

  await open()
  await ada.page.keyboard.press('Escape')
  await expect(picker).toHaveCount(0)
  await open()
  await picker.getByLabel('Another emoji').fill('two')
  await picker.getByLabel('Another emoji').press('Enter')
  await expect(picker.getByLabel('Another emoji')).toHaveAccessibleDescription('Use exactly one emoji.')
  await picker.getByLabel('Another emoji').fill('❤')
  await picker.getByLabel('Another emoji').press('Enter')
  await expect(bob.messages.first().getByRole('button', { name: /^❤️/ })).toHaveCount(1)
  await open()
  expect(await findViolations(ada.page)).toEqual([])
  await picker.getByRole('button', { name: 'Remove 👍' }).press('Enter')
  await expect(bob.messages.first().getByRole('button', { name: /^👍/ })).toHaveCount(0)

  // The arrow keys lead from the message to what is in it.
  const heart = first.getByRole('button', { name: /^❤️/ })
  await first.focus()
  for (let step = 0; step < 12 && !(await heart.evaluate((one) => one === document.activeElement)); step++)
    await ada.page.keyboard.press('ArrowRight')
  await expect(heart).toBeFocused()
  await ada.page.keyboard.press('Enter')
  await expect(bob.messages.first().getByRole('button', { name: /^❤️/ })).toHaveCount(0)
})

test('on a phone, the choice of reactions opens from the sheet of a message', async ({ person }) => {
  const { ada, bob } = await twoTalking(person, 1)
  await ada.page.setViewportSize({ width: 360, height: 640 })
  await ada.messages.first().hover()
  await ada.presses('Message actions')
  await ada.page.getByRole('dialog', { name: 'Message actions' }).getByRole('link', { name: 'React' }).click()
  const picker = ada.page.getByRole('dialog', { name: 'React' })
  // It moves a little when it appears.
  const place = async () => {
    const { x, y, width, height } = (await picker.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
    return { x, width, bottom: y + height }
  }
  await expect.poll(place).toEqual({ x: 0, width: 360, bottom: 640 })
  expect(await findViolations(ada.page)).toEqual([])
  await picker.getByRole('button', { name: 'React with 🎉' }).click()
  await expect(bob.messages.first().getByRole('button', { name: /^🎉/ })).toHaveCount(1)
})

/** Ada reacts to a message with four emoji, one more than she may. */
async function fourReactions(person: CreatePerson) {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  await ada.page.goto(`/c/${id}/m/1`)
  for (const emoji of ['👍', '❤️', '😂']) {
    await ada.presses(`React with ${emoji}`)
    await expect(ada.button(`Remove ${emoji}`)).toBeVisible()
  }
  await ada.presses('React with 🎉')
  return { ada, id }
}
