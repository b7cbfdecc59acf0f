import { expect, type Person, password, test } from './people'
import { countInvitations, makeConversation, makeInvitation, storedBodies } from './seed'

test('an invitation appears at once, on whatever page the other person is', async ({ person }) => {
  const [ada, bob] = [await person('ada', { firstName: 'Ada', lastName: 'Lovelace' }), await person('bob')]
  await bob.page.goto('/settings')
  await bob.isLive()
  await ada.invites(bob)

  const notice = bob.page
    .getByRole('status')
    .filter({ hasText: `Ada Lovelace (${ada.username}) invited you to a conversation.` })
  await expect(notice).toBeVisible()
  await expect(bob.page.getByRole('link', { name: 'Invitations 1' })).toBeVisible()
  await notice.getByRole('link', { name: 'Answer' }).click()
  await bob.isAt('/invitations')
  await expect(bob.row(ada)).toBeVisible()
  await expect(notice).toHaveCount(0)
})

test('after accepting, both see the conversation at once, with each other’s names', async ({ person }) => {
  const [ada, bob] = [await person('ada', { firstName: 'Ada' }), await person('bob', { firstName: 'Bob' })]
  await makeInvitation(ada, bob)
  await ada.page.goto('/settings')
  await ada.isLive()
  await expect(ada.entry(bob)).toHaveCount(0)

  await bob.accepts(ada)
  await expect(bob.entry(ada)).toBeVisible()
  await expect(ada.entry(bob)).toBeVisible()
  await expect(ada.page.getByText(`Bob (${bob.username}) accepted your invitation.`)).toBeVisible()
  await ada.opens(bob)
  await expect(ada.page.getByText('Here now')).toBeVisible()
  await expect(bob.page.getByText('Here now')).toBeVisible()
})

test('a rejection notifies the inviter', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  await makeInvitation(ada, bob)
  await ada.page.goto('/invitations')
  await ada.isLive()
  await expect(ada.button(`Withdraw ${bob.name}`)).toBeVisible()

  await bob.rejects(ada)
  await expect(ada.page.getByText(`${bob.name} rejected your invitation.`)).toBeVisible()
  await expect(ada.row(bob)).toContainText('Rejected')
  await expect(ada.button(`Withdraw ${bob.name}`)).toHaveCount(0)
})

test('a withdrawn invitation disappears at once for the other person', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  await makeInvitation(ada, bob)
  await bob.page.goto('/invitations')
  await bob.isLive()
  await expect(bob.button(`Accept ${ada.name}`)).toBeVisible()

  await ada.withdraws(bob)
  await expect(bob.row(ada)).toContainText('Withdrawn')
  await expect(bob.button(`Accept ${ada.name}`)).toHaveCount(0)
})

test('accepting an invitation that was withdrawn meanwhile says so', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob', { javaScriptEnabled: false })]
  await makeInvitation(ada, bob)
  await bob.page.goto('/invitations')
  await ada.withdraws(bob)

  await bob.presses(`Accept ${ada.name}`)
  await expect(bob.row(ada)).toContainText('Withdrawn')
  await expect(bob.page.getByText('You have no invitations to answer.')).toBeVisible()
})

test('a message to a conversation that was closed meanwhile is refused', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob', { javaScriptEnabled: false })]
  const id = await makeConversation(ada, bob)
  await bob.page.goto(`/c/${id}`)
  await ada.blocks(bob)
  await bob.sends('too late')
  await expect(bob.page.getByText('This conversation is closed.')).toBeVisible()
  await expect(bob.composer).toHaveValue('too late')
  expect(await storedBodies(id)).toEqual([])
})

test('two people who invite each other have one invitation', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob', { javaScriptEnabled: false })]
  await bob.searches(ada.username)
  await ada.invites(bob)
  await bob.presses(`Invite ${ada.name}`)
  await expect(bob.button(`Accept ${ada.name}`)).toBeVisible()
  expect(await countInvitations(ada, bob)).toBe(1)
})

test('inviting a person with whom there is a conversation opens it', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob', { javaScriptEnabled: false })]
  await bob.searches(ada.username)
  await makeConversation(ada, bob)
  await bob.presses(`Invite ${ada.name}`)
  await bob.isTalkingTo(ada)
})

test('nobody can invite themselves', async ({ person }) => {
  const ada = await person('ada')
  await ada.searches(ada.username)
  await expect(ada.row(ada)).toContainText('you')
  await expect(ada.page.getByRole('button', { name: /^Invite/ })).toHaveCount(0)
})

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('a search finds parts of usernames and names, and says if it finds nobody', async ({
      person,
      stranger,
    }) => {
      const ada = await person('ada')
      const grace = await stranger('grace', { firstName: 'Grace', lastName: `Hopper${Date.now()}` })
      await grace.hasAccount()

      for (const part of [grace.username.slice(2), grace.traits.lastName?.slice(3) ?? '']) {
        await ada.searches(part)
        await expect(ada.row(grace)).toContainText(grace.username)
        await expect(ada.row(grace)).toContainText('Offline')
      }
      const nobody = `${grace.username}-nobody`
      await ada.searches(nobody)
      await expect(ada.page.getByRole('main')).toContainText(`No one is called “${nobody}”`)
      await expect(ada.page.getByRole('searchbox', { name: 'Find people' })).toHaveValue(nobody)
    })

    test('an invitation can be left for a person who is offline, and waits for them', async ({
      person,
      stranger,
    }) => {
      const [ada, bob] = [await person('ada'), await stranger('bob')]
      await bob.hasAccount()
      await ada.searches(bob.username)
      await ada.presses(`Invite ${bob.name}`)
      await expect(ada.alert).toHaveText(`${bob.name} is offline: no conversation can start now`)
      expect(await countInvitations(ada, bob)).toBe(0)

      await ada.presses(`Leave the invitation ${bob.name}`)
      await expect(ada.row(bob)).toContainText('Invitation sent')
      await bob.logsIn()
      await expect(bob.button(`Accept ${ada.name}`)).toBeVisible()
    })

    test('a blocked person cannot invite, and does not learn why', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      await ada.blocks(bob)
      await bob.searches(ada.username)
      await bob.presses(`Invite ${ada.name}`)
      await expect(bob.alert).toHaveText(`${ada.name} cannot be invited.`)

      await ada.unblocks(bob)
      await bob.invites(ada)
    })

    test('blocking ends a pending invitation between the two', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      await makeInvitation(bob, ada)
      await ada.blocks(bob)
      await bob.page.goto('/invitations')
      await expect(bob.row(ada)).toContainText('Rejected')
      await expect(bob.button(`Withdraw ${ada.name}`)).toHaveCount(0)
    })

    test('blocking closes the conversation for both until unblocking', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const id = await makeConversation(ada, bob, 2)
      await bob.page.goto(`/c/${id}`)
      await expect(bob.composer).toBeVisible()

      await ada.blocks(bob)
      await bob.looksAgain()
      await ada.page.goto(`/c/${id}`)
      for (const person of [ada, bob]) {
        await expect(person.page.getByText('This conversation is closed.')).toBeVisible()
        await expect(person.composer).toHaveCount(0)
        await person.sees('message 1')
      }

      await ada.unblocks(bob)
      await bob.looksAgain()
      await bob.says('again')
    })
  })

test('in a closed conversation nobody sees the other’s presence, typing or receipts', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 2)
  for (const one of [ada, bob]) {
    await one.opensConversation(id)
    // The socket may reconnect before the page knows that the conversation is closed.
    one.expectsErrors(/status of 403 .*\/api\/realtime\/auth/)
  }
  const isTogether = (one: typeof ada) => expect(one.page.getByText('Here now')).toBeVisible()
  for (const one of [ada, bob]) await isTogether(one)
  await expect(ada.stored('message 1')).toContainText('Read')

  const tab = await ada.inAnotherTab()
  await tab.blocks(bob)
  for (const one of [ada, bob]) {
    await expect(one.page.getByText('This conversation is closed.')).toBeVisible()
    await expect(one.page.getByText('Here now')).toHaveCount(0)
    await expect(one.page.getByText('Read', { exact: true })).toHaveCount(0)
  }

  await tab.unblocks(bob)
  for (const one of [ada, bob]) await isTogether(one)
  await expect(ada.stored('message 1')).toContainText('Read')
  await bob.composer.pressSequentially('hel')
  await expect(ada.page.getByText(`${bob.name} is typing…`)).toBeVisible()
})

test('a person’s status changes as they log in and out', async ({ person, stranger }) => {
  const [ada, bob] = [await person('ada'), await stranger('bob')]
  await bob.hasAccount()
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  const header = ada.page.locator('header').filter({ has: ada.heading(bob.name) })
  await expect(header).toContainText('Offline')
  await ada.isLive()

  await bob.logsIn(password)
  await expect(header).toContainText('Online')
  await bob.endsSession('Log out')
  await expect(header).toContainText('Offline')
})

for (const [how, end] of [
  ['closes the tab', (bob: Person) => bob.page.close()],
  ['goes to another site', (bob: Person) => bob.page.goto('about:blank')],
] as const)
  test(`a person who ${how} is offline within 10 s, although the page was just loaded`, async ({
    person,
  }) => {
    const [ada, bob] = [await person('ada'), await person('bob')]
    const id = await makeConversation(ada, bob)
    for (const one of [ada, bob]) await one.page.goto(`/c/${id}`)
    const header = ada.page.locator('header').filter({ has: ada.heading(bob.name) })
    await expect(header).toContainText('Here now')
    await bob.isLive()
    await end(bob)
    await expect(header).toContainText('Offline', { timeout: 10_000 })
  })
