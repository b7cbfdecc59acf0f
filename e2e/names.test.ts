import { expect, type Person, test, uniqueEnding } from './people'
import { makeConversation, makeInvitation } from './seed'

const both = ({ name, username }: Person) => `${name} ${username}`
const inSentence = ({ name, username }: Person) => `${name} (${username})`

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('people with the same name can be told apart in a room', async ({ person }) => {
      const room = `room-${uniqueEnding()}`
      const ada = await person('ada')
      const [bob, mallory] = [
        await person('bob', { firstName: 'Bob', lastName: 'Byrd' }),
        await person('mallory', { firstName: 'Bob', lastName: 'Byrd' }),
      ]
      for (const one of [ada, bob, mallory]) await one.joins(room)
      for (const one of [bob, mallory]) {
        await expect(ada.note(`${inSentence(one)} joined`)).toBeVisible()
        await one.says(`this is ${one.username}`)
      }
      await ada.looksAgain()
      for (const one of [bob, mallory]) {
        await expect(ada.stored(`this is ${one.username}`)).toContainText(both(one))
        await expect(ada.peopleHere.filter({ hasText: both(one) })).toBeVisible()
      }
    })

    test('lists show both names of a person', async ({ person, stranger }) => {
      const ada = await person('ada')
      const [bob, cleo] = [
        await stranger('bob', { firstName: 'Bob', lastName: 'Byrd' }),
        await stranger('cleo', { firstName: 'Cleo' }),
      ]
      for (const one of [bob, cleo]) await one.hasAccount()
      const id = await makeConversation(ada, bob, 1)
      await makeInvitation(cleo, ada)

      await ada.page.goto('/')
      await expect(ada.entry(bob)).toContainText(both(bob))
      await expect(ada.row(cleo)).toContainText(both(cleo))
      await ada.page.goto('/invitations')
      await expect(ada.row(cleo)).toContainText(both(cleo))
      await ada.searches(bob.username)
      await expect(ada.row(bob)).toContainText(both(bob))
      await ada.page.goto(`/c/${id}`)
      await expect(ada.heading(bob.name)).toBeVisible()
      await expect(ada.page.getByText(`${bob.username} · Offline`)).toBeVisible()
    })

    test('a name that imitates another is refused beside its field, which keeps it', async ({ person }) => {
      const ada = await person('ada')
      await ada.page.goto('/settings')
      for (const [name, sentence] of [
        ['bob: I resign', 'Remove the colon, or the character that looks like one.'],
        ['bob\u202e', 'Remove the invisible characters. Some emoji contain them.'],
      ] as const) {
        await ada.field('First name (optional)').fill(name)
        await ada.presses('Save')
        await expect(ada.field('First name (optional)')).toHaveAccessibleDescription(sentence)
        await expect(ada.field('First name (optional)')).toHaveValue(name)
      }
      await ada.field('First name (optional)').fill(' Ada \u3000 King ')
      await ada.presses('Save')
      await expect(ada.page.getByText('Others see you as “Ada King”')).toBeVisible()
    })
  })

test('an invitation and the typing line in a room show the username too', async ({ person }) => {
  const ada = await person('ada')
  const bob = await person('bob', { firstName: 'Bob' })
  const room = `room-${uniqueEnding()}`
  for (const one of [ada, bob]) await one.joins(room)
  await bob.composer.pressSequentially('hel')
  await expect(ada.page.getByText(`${inSentence(bob)} is typing…`)).toBeVisible()
  await bob.says('hello')
  await expect(ada.page.locator('[aria-live=polite]')).toHaveText(`${inSentence(bob)}: hello`)
  await bob.invites(ada)
  await expect(ada.page.getByText(`${inSentence(bob)} invited you to a conversation.`)).toBeVisible()
})
