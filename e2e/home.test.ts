import { expect, type Person, test, uniqueEnding } from './people'
import { makeConversation, makeInvitation } from './seed'

const section = ({ page }: Person, name: string | RegExp) =>
  page
    .getByRole('main')
    .locator('section')
    .filter({ has: page.getByRole('heading', { name, exact: true }) })

const online = (ada: Person, other: Person) =>
  section(ada, 'Online now').getByRole('listitem').filter({ hasText: other.name })

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('the landing page says what Parley is, and shows a conversation that nobody can use', async ({
      stranger,
    }) => {
      const ada = await stranger('ada')
      await ada.page.goto('/')
      await expect(ada.heading('Parley')).toBeVisible()
      await expect(ada.page.getByText('A chat site for your people, on your own machine.')).toBeVisible()
      await expect(
        ada.page.getByRole('figure', { name: 'A conversation, as it looks in Parley' }),
      ).toBeVisible()
      await expect(ada.page.getByText('The tomatoes are ripe.')).toBeVisible()
      await expect(ada.page.getByRole('listitem')).toHaveCount(0)
      await expect(ada.button('Send')).toHaveCount(0)
    })

    test('the home page of a newcomer says what to do first', async ({ person }) => {
      const ada = await person('ada')
      await ada.page.goto('/')
      const main = ada.page.getByRole('main')
      await expect(main.getByText('Invite someone: once they accept, the two of you can talk.')).toBeVisible()
      await main.getByRole('link', { name: 'Find someone' }).click()
      await expect(ada.heading('People')).toBeVisible()
      await ada.page.goto('/')
      await main.getByRole('link', { name: 'Open the lobby' }).click()
      await ada.isIn('lobby')
    })

    test('the home page of a guest offers rooms and a password, and no invitations', async ({ stranger }) => {
      const guest = await stranger('guest')
      await guest.continuesAsGuest()
      await guest.page.goto('/')
      await expect(section(guest, 'Online now')).toHaveCount(0)
      await expect(section(guest, 'Active rooms')).toBeVisible()
      await guest.page.getByRole('link', { name: 'Set a password' }).click()
      await expect(guest.heading('Settings')).toBeVisible()
    })

    test('the home page shows unread conversations, invitations, people online and rooms', async ({
      person,
    }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const cleo = await person('cleo')
      const id = await makeConversation(ada, bob, 1)
      await makeInvitation(cleo, ada)
      const room = `Tea-${uniqueEnding()}`
      await cleo.joins(room)
      await bob.page.goto(`/c/${id}`)
      await bob.says('are you there?')

      await ada.page.goto('/')
      await expect(section(ada, 'Unread').getByRole('link')).toContainText('are you there?')
      await expect(section(ada, 'You have an invitation')).toContainText(cleo.name)
      await expect(online(ada, bob)).toBeVisible()
      // Her invitation is above.
      await expect(online(ada, cleo)).toHaveCount(0)
      await expect(section(ada, 'Active rooms').getByRole('link')).not.toHaveCount(0)
      await online(ada, bob)
        .getByRole('link', { name: `Open the conversation with ${bob.name}` })
        .click()
      await ada.isTalkingTo(bob)
      await ada.page.goto('/')
      await expect(section(ada, 'Unread')).toHaveCount(0)
    })
  })

test('an open home page shows new messages, invitations and statuses without asking', async ({ person }) => {
  const [ada, bob, cleo] = [await person('ada'), await person('bob'), await person('cleo')]
  const id = await makeConversation(ada, bob)
  await bob.page.goto(`/c/${id}`)
  await bob.isLiveIn(id)
  await ada.page.goto('/')
  await ada.isLive()
  await ada.receivesStatuses()
  await expect(ada.page.getByText('You’re all caught up.')).toBeVisible()
  const requests: string[] = []
  let lastAt = Date.now()
  ada.page.on('request', (request) => {
    requests.push(`${request.method()} ${new URL(request.url()).pathname}`)
    lastAt = Date.now()
  })
  // The page catches up once after each subscription.
  await expect.poll(() => Date.now() - lastAt).toBeGreaterThan(1500)
  requests.length = 0

  await bob.says('are you there?')
  await expect(section(ada, 'Unread').getByRole('link')).toContainText('are you there?')
  await cleo.invites(ada)
  await expect(section(ada, 'You have an invitation')).toContainText(cleo.name)
  await expect(online(ada, bob)).toBeVisible()
  await bob.page.goto('/settings')
  await bob.endsSession('Log out')
  await expect(online(ada, bob)).toHaveCount(0)
  expect(new Set(requests)).toEqual(new Set(['POST /receipts']))
})
