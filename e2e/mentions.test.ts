import { findViolations } from './axe'
import { type CreatePerson, expect, type Person, test, uniqueEnding } from './people'
import { makeGroup } from './seed'

/** Ada, bob and cleo, who are in a group. Ada has it open. */
async function threeInGroup(person: CreatePerson) {
  const people = await Promise.all(['ada', 'bob', 'cleo'].map((name) => person(name)))
  const [ada, bob, cleo] = people as [Person, Person, Person]
  const title = `Picnic ${uniqueEnding()}`
  const id = await makeGroup(title, people)
  await ada.opensConversation(id)
  return { ada, bob, cleo, id, title }
}

const mark = ({ page }: Person) => page.getByRole('main').locator('mark')
const groupEntry = ({ list }: Person, title: string) => list.getByRole('link').filter({ hasText: title })
const mentions = ({ page }: Person) => page.getByRole('main').getByRole('listitem')

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('a person is mentioned, finds the message, and reads it', async ({ person }) => {
      const { ada, bob, cleo, id, title } = await threeInGroup(person)
      await bob.page.goto('/')
      await bob.page.getByRole('link', { name: 'Mentions' }).click()
      await expect(bob.page.getByText('Nobody has mentioned you yet.')).toBeVisible()
      if (javaScriptEnabled) await bob.isLive()
      await ada.sends(`hello @${bob.username.toUpperCase()}, not \`@${cleo.username}\``)
      await expect(ada.messages).toHaveCount(1)
      await expect(ada.messages.getByText(`@${bob.username.toUpperCase()}`, { exact: true })).toBeVisible()
      await expect(mark(ada)).toHaveCount(0)

      await bob.looksAgain()
      await expect(groupEntry(bob, title)).toHaveAccessibleName(/mentions you, 1 unread$/)
      await expect(mentions(bob)).toHaveCount(1)
      await expect(mentions(bob)).toContainText([`Unread: hello @${bob.username.toUpperCase()}`])
      await mentions(bob).getByRole('link', { name: title }).click()
      await expect(bob.page).toHaveURL(`/c/${id}?at=1#m1`)
      await expect(mark(bob)).toHaveText(`@${bob.username.toUpperCase()}`)

      await bob.page.goto('/mentions')
      await expect(groupEntry(bob, title)).not.toHaveAccessibleName(/mentions you/)
      await expect(mentions(bob)).toHaveCount(1)
      await expect(mentions(bob)).not.toContainText('Unread')
      await cleo.page.goto('/mentions')
      await expect(mentions(cleo)).toHaveCount(0)
    })

    test('an edit withdraws a mention', async ({ person }) => {
      const { ada, bob, id, title } = await threeInGroup(person)
      await ada.sends(`hello @${bob.username}`)
      await expect(ada.messages).toHaveCount(1)
      await bob.page.goto('/mentions')
      await expect(groupEntry(bob, title)).toHaveAccessibleName(/mentions you/)
      if (javaScriptEnabled) await bob.isLive()
      await ada.page.goto(`/c/${id}/m/1/edit`)
      await ada.field('Message').fill('hello all')
      await ada.presses('Save')
      await ada.sees('hello all')
      await bob.looksAgain()
      await expect(groupEntry(bob, title)).not.toHaveAccessibleName(/mentions you/)
      await expect(groupEntry(bob, title)).toHaveAccessibleName(/1 unread$/)
      await expect(mentions(bob)).toHaveCount(0)
    })
  })

test.describe('the list of people to mention', () => {
  /** The composer, which has another role while the list is open. */
  const composer = (person: Person) => person.field('Message')
  const options = ({ page }: Person) =>
    page.getByRole('listbox', { name: 'People to mention' }).getByRole('option')

  test('opens after an @, and a person is chosen with the keyboard', async ({ person }) => {
    const { ada, bob, cleo } = await threeInGroup(person)
    await composer(ada).pressSequentially('mail a@b, hello @')
    await expect(options(ada)).toHaveText([bob.username, cleo.username])
    await expect(composer(ada)).toHaveAttribute('aria-autocomplete', 'list')
    await expect(composer(ada)).toHaveAttribute('aria-expanded', 'true')
    await expect(ada.page.getByRole('listbox')).toHaveId(
      String(await composer(ada).getAttribute('aria-controls')),
    )
    const isActive = async (index: number) => {
      await expect(options(ada).nth(index)).toHaveAttribute('aria-selected', 'true')
      const id = await options(ada).nth(index).getAttribute('id')
      await expect(composer(ada)).toHaveAttribute('aria-activedescendant', String(id))
    }
    await isActive(0)
    // No native element can have such a list: HTML allows no role for a textarea, and a text box has no aria-expanded.
    const violations = await findViolations(ada.page)
    expect(violations.filter((line) => !/^aria-allowed-role: <textarea/.test(line))).toEqual([])
    await composer(ada).press('ArrowDown')
    await isActive(1)
    await composer(ada).press('ArrowDown')
    await isActive(0)
    await composer(ada).press('ArrowUp')
    await isActive(1)
    await composer(ada).press('Enter')
    await expect(ada.composer).toHaveValue(`mail a@b, hello @${cleo.username} `)
    await expect(options(ada)).toHaveCount(0)
    await expect(ada.messages).toHaveCount(0)

    await ada.composer.pressSequentially('and @bo')
    await expect(options(ada)).toHaveText([bob.username])
    await composer(ada).press('Tab')
    await expect(ada.composer).toBeFocused()
    await ada.composer.press('Enter')
    await ada.sees(`mail a@b, hello @${cleo.username} and @${bob.username} `)
  })

  test('closes with Escape and for a complete name, and then Enter sends', async ({ person }) => {
    const { ada, bob } = await threeInGroup(person)
    await composer(ada).pressSequentially('@')
    await expect(options(ada)).toHaveCount(2)
    await composer(ada).press('Escape')
    await expect(options(ada)).toHaveCount(0)
    await ada.composer.pressSequentially('bo')
    await ada.composer.press('Enter')
    await ada.sees('@bo')
    await composer(ada).pressSequentially(`@${bob.username.slice(0, -1)}`)
    await expect(options(ada)).toHaveCount(1)
    await composer(ada).pressSequentially(bob.username.slice(-1))
    await expect(options(ada)).toHaveCount(0)
    await ada.composer.press('Enter')
    await ada.sees(`@${bob.username}`)
  })

  test('a person is found by name and chosen by pointing', async ({ person }) => {
    const [ada, zoe] = [await person('ada'), await person('zoe', { firstName: 'José', lastName: 'Núñez' })]
    const id = await makeGroup('Picnic', [ada, zoe])
    await ada.opensConversation(id)
    await composer(ada).pressSequentially('ask (@nú')
    await options(ada).getByText('José Núñez').click()
    await expect(ada.composer).toHaveValue(`ask (@${zoe.username} `)
    await expect(ada.composer).toBeFocused()
    await composer(ada).pressSequentially('@')
    await expect(options(ada)).toHaveCount(1)
    await ada.page.getByRole('link', { name: 'Settings' }).focus()
    await expect(options(ada)).toHaveCount(0)
  })

  test('if it cannot be loaded, a name is typed and sent', async ({ person }) => {
    const { ada, bob } = await threeInGroup(person)
    ada.expectsErrors(/ERR_FAILED|Failed to load|ChunkLoadError/)
    await ada.page.route('**/_next/static/**', (route) => route.abort())
    await ada.says('hello')
    await ada.composer.pressSequentially(`@${bob.username}`)
    await ada.composer.press('Enter')
    await expect(ada.messages).toHaveCount(2)
    await expect(ada.messages.nth(1)).toContainText(`@${bob.username}`)
  })
})
