import { expect, type Person, test, uniqueEnding } from './people'
import { makeConversation, makeGroup } from './seed'

const titled = () => `Picnic ${uniqueEnding()}`

/** A notice in the open conversation. */
const notice = (reader: Person, text: string) => reader.messages.filter({ hasText: text })

const isInGroup = async (person: Person, title: string) => {
  await expect(person.page).toHaveURL(/\/c\/[\w-]+$/)
  await expect(person.heading(title)).toBeVisible()
  return String(new URL(person.page.url()).pathname.split('/')[2])
}

/** Opens the page of a group's people. */
async function seesPeople(person: Person, id: string) {
  await person.page.goto(`/c/${id}/people`)
  await expect(person.page.getByRole('heading', { level: 1 })).toHaveText(/^People in /)
}

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('three people make a group, talk, and see what happens there', async ({ person }) => {
      const [ada, bob, cyd] = [await person('ada'), await person('bob'), await person('cyd')]
      await makeConversation(ada, bob)
      const title = titled()
      await ada.page.goto('/')
      await ada.page.getByRole('link', { name: 'New group' }).click()
      await ada.isAt('/groups/new')
      await ada.field('Title').fill(title)
      await ada.page.getByRole('checkbox', { name: bob.username }).check()
      await ada.field('Other usernames').fill(cyd.username)
      await ada.presses('Create group')
      const id = await isInGroup(ada, title)
      for (const other of [bob, cyd])
        await expect(notice(ada, `${ada.username} invited ${other.username}`)).toHaveCount(1)
      await ada.says('welcome')

      for (const other of [bob, cyd]) {
        await other.page.goto('/invitations')
        await expect(other.row(ada)).toContainText(`To the group ${title}`)
        await expect(other.row(ada)).toContainText('New members see all that was said before.')
        await other.presses(`Accept ${ada.username}, ${title}`)
        expect(await isInGroup(other, title)).toBe(id)
        await other.sees('welcome')
      }
      await ada.looksAgain()
      await expect(notice(ada, `${cyd.username} joined`)).toHaveCount(1)
      await expect(ada.page.getByText('3 people')).toBeVisible()

      await bob.looksAgain()
      await bob.says('hello all')
      for (const other of [ada, cyd]) {
        await other.looksAgain()
        await other.sees('hello all')
      }
      await bob.looksAgain()
      await expect(bob.stored('hello all')).toContainText('Read by 2 of 2')
    })

    test('what was typed stays when a group cannot be made', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      await makeConversation(ada, bob)
      await ada.page.goto('/groups/new')
      await ada.presses('Create group')
      await expect(ada.field('Title')).toHaveAccessibleDescription('Give the group a title.')
      await expect(ada.field('Other usernames')).toHaveAttribute('aria-invalid', 'true')
      await ada.field('Title').fill('Tea')
      await ada.page.getByRole('checkbox', { name: bob.username }).check()
      await ada.field('Other usernames').fill('nobody-at-all')
      await ada.presses('Create group')
      await expect(ada.alert).toHaveText('No one is called “nobody-at-all”.')
      await expect(ada.field('Title')).toHaveValue('Tea')
      await expect(ada.field('Other usernames')).toHaveValue('nobody-at-all')
      await expect(ada.page.getByRole('checkbox', { name: bob.username })).toBeChecked()
    })

    test('owners rename, invite, remove and make owners', async ({ person }) => {
      const [ada, bob, cyd] = [await person('ada'), await person('bob'), await person('cyd')]
      const [title, other] = [titled(), titled()]
      const id = await makeGroup(title, [ada, bob])
      await seesPeople(bob, id)
      for (const name of ['Rename', 'Invite', 'Step down']) await expect(bob.button(name)).toHaveCount(0)

      await seesPeople(ada, id)
      await ada.field('Title').fill(other)
      await ada.presses('Rename')
      await expect(ada.heading(`People in ${other}`)).toBeVisible()
      await ada.field('Username').fill(cyd.username)
      await ada.presses('Invite')
      await expect(ada.page.getByText(`Invitation sent to ${cyd.username}.`)).toBeVisible()
      await ada.field('Username').fill(cyd.username)
      await ada.presses('Invite')
      await expect(ada.alert.filter({ hasText: 'is already invited to this group.' })).toBeVisible()

      await ada.presses('Step down')
      await expect(ada.alert.filter({ hasText: 'last owner' })).toBeVisible()
      await ada.presses(`Make owner ${bob.username}`)
      await expect(ada.row(bob)).toContainText('Owner')
      await expect(ada.button(`Remove ${bob.username}`)).toHaveCount(0)
      await ada.presses('Step down')
      await expect(ada.button('Rename')).toHaveCount(0)

      await seesPeople(bob, id)
      await bob.presses(`Remove ${ada.username}`)
      await expect(bob.button(`Remove ${ada.username}`)).toHaveCount(0)
      ada.expectsErrors(/status of 404/)
      await ada.page.goto(`/c/${id}`)
      await expect(ada.heading('Page not found')).toBeVisible()
    })

    test('leaving asks once', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const id = await makeGroup(titled(), [ada, bob])
      await seesPeople(ada, id)
      await ada.presses('Leave group')
      await expect(ada.alert).toContainText('you need a new invitation')
      await ada.presses('Leave group')
      await ada.isAt('/')
      await bob.page.goto(`/c/${id}`)
      await expect(notice(bob, `${ada.username} left`)).toHaveCount(1)
      await expect(notice(bob, `${bob.username} is now an owner`)).toHaveCount(1)
    })

    test('a message of a blocked person is hidden until the reader asks for it', async ({ person }) => {
      const [ada, bob, cyd] = [await person('ada'), await person('bob'), await person('cyd')]
      const id = await makeGroup(titled(), [ada, bob, cyd])
      await ada.blocks(bob)
      await bob.page.goto(`/c/${id}`)
      await bob.says('first')
      await ada.page.goto(`/c/${id}`)
      await expect(ada.page.getByText('Message from someone you blocked').first()).toBeVisible()
      await expect(ada.stored('first')).toBeHidden()
      await expect(ada.list).not.toContainText('first')
      await bob.says('second')
      await ada.looksAgain()
      await expect(ada.stored('second')).toHaveCount(1)
      await expect(ada.stored('second')).toBeHidden()
      await expect(ada.list).not.toContainText('second')
      await ada.page.getByText('Show', { exact: true }).first().click()
      await expect(ada.stored('first')).toBeVisible()
      await cyd.page.goto(`/c/${id}`)
      await cyd.seesAll(['first', 'second'])
    })
  })

test('the page of a group’s people follows what others do there', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeGroup(titled(), [ada, bob])
  await seesPeople(ada, id)
  await seesPeople(bob, id)
  await bob.receivesStatuses()
  await ada.presses(`Make owner ${bob.username}`)
  await expect(bob.button('Step down')).toBeVisible()
  await bob.presses('Step down')
  await expect(bob.button('Step down')).toHaveCount(0)
  await expect(ada.button(`Remove ${bob.username}`)).toBeVisible()
  bob.expectsErrors(/status of 404/)
  await ada.presses(`Remove ${bob.username}`)
  await expect(bob.heading('Page not found')).toBeVisible()
  await expect(ada.row(bob)).toHaveCount(0)
})

test('a removed person’s page is gone, and what waits in their outbox stays as refused', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeGroup(titled(), [ada, bob])
  await bob.opensConversation(id)
  bob.expectsErrors(/ERR_FAILED|status of 40[34]/)
  await bob.page.route('**/messages', (route) => route.abort())
  await bob.sends('waiting')
  await bob.waitsToSend('waiting')
  await seesPeople(ada, id)
  await ada.presses(`Remove ${bob.username}`)
  await expect(bob.heading('Page not found')).toBeVisible()
  await expect(bob.list).not.toContainText('Picnic')
  await bob.page.unroute('**/messages')
  await bob.page.goto('/')
  const refusal = () => bob.page.evaluate(() => JSON.stringify({ ...localStorage }))
  await expect.poll(refusal).toContain('There is no such conversation.')
  expect(await refusal()).toContain('waiting')
})
