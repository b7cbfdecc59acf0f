import { expect, type Person, test, twoTalking } from './people'
import { makeConversation, storedBodies } from './seed'

test('typing is shown until the message is sent', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob', { firstName: 'Bob' })]
  const id = await makeConversation(ada, bob)
  for (const person of [ada, bob]) await person.opensConversation(id)
  const typing = ada.page.getByText('Bob is typing…')
  await expect(typing).toHaveCount(0)

  await bob.composer.pressSequentially('hel')
  await expect(typing).toBeVisible()
  await bob.presses('Send')
  await ada.sees('hel')
  await expect(typing).toHaveCount(0)
})

test('a sent message appears at once, and is marked sent when it is stored', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.opensConversation(id)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await ada.page.route('**/c/*/messages', async (route) => {
    if (route.request().postData()?.includes('in a moment')) await held
    await route.continue()
  })

  await ada.sends('in a moment')
  const pending = ada.page.getByRole('listitem').filter({ hasText: 'in a moment' })
  await expect(pending).toContainText('Sending')
  await expect(ada.stored('in a moment')).toHaveCount(0)
  await expect(ada.composer).toHaveValue('')
  expect(await storedBodies(id)).toEqual([])

  release()
  await ada.sees('in a moment')
  await expect(ada.page.getByText('in a moment', { exact: true })).toHaveCount(1)
  await expect(ada.page.getByText('Sending')).toHaveCount(0)
})

test('the sender sees when a message is sent, delivered and read', async ({ person, stranger }) => {
  const [ada, bob] = [await person('ada'), await stranger('bob')]
  await bob.hasAccount()
  const id = await makeConversation(ada, bob)
  await ada.opensConversation(id)
  await ada.says('are you there?')
  await expect(ada.stored('are you there?')).toContainText('Sent')

  await bob.logsIn()
  await expect(ada.stored('are you there?')).toContainText('Delivered')
  await bob.opens(ada)
  await expect(ada.stored('are you there?')).toContainText('Read')
})

test('unread messages are counted beside the conversation and in the title, until it is opened', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  await bob.page.goto('/')
  await expect(bob.page).toHaveTitle('Parley')
  for (const body of ['one', 'two']) await ada.says(body)

  await expect(bob.entry(ada)).toContainText('2 unread')
  await expect(bob.entry(ada)).toContainText('two')
  await expect(bob.page).toHaveTitle('(2) Parley')
  await bob.opens(ada)
  await expect(bob.page.getByText('New', { exact: true })).toBeVisible()
  await expect(bob.entry(ada)).not.toContainText('unread')
  await bob.page.goto('/')
  await expect(bob.page).toHaveTitle('Parley')
  await expect(bob.entry(ada)).not.toContainText('unread')
})

test('a message that arrives in an open conversation is marked read, and announced', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob', { firstName: 'Bob' })]
  const id = await makeConversation(ada, bob)
  for (const person of [ada, bob]) await person.opensConversation(id)
  await bob.says('hello')
  await ada.sees('hello')
  await expect(ada.page.locator('[aria-live=polite]')).toHaveText('Bob: hello')
  await expect(bob.stored('hello')).toContainText('Read')
})

test('a message that is sent again is neither shown nor announced again', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob', { firstName: 'Bob' })]
  const id = await makeConversation(ada, bob)
  const sends = async (...bodies: string[]) => {
    for (const body of bodies) await sendsWithNonce(bob, id, body)
  }
  await bob.page.goto(`/c/${id}`)
  await sends('not on the page', ...Array.from({ length: 50 }, (_, index) => `message ${index + 1}`))
  await ada.opensConversation(id)
  const announcements = await ada.hearsAnnouncements()

  await sends('new')
  await expect.poll(announcements).toEqual(['Bob: new'])
  await sends('message 7', 'new', 'not on the page', 'last')
  await expect.poll(announcements).toEqual(['Bob: new', 'Bob: last'])
  await ada.sees('new')
  await expect(ada.stored('not on the page')).toHaveCount(0)
})

/** Sends a message whose nonce is its text, so that the same text is the same message. */
async function sendsWithNonce(person: Person, conversationId: string, body: string) {
  const status = await person.page.evaluate(
    async ({ path, userId, body }) => {
      const headers = { 'content-type': 'application/json', 'parley-user': userId }
      const response = await fetch(path, {
        method: 'POST',
        headers,
        body: JSON.stringify({ body, nonce: body }),
      })
      return response.status
    },
    { path: `/c/${conversationId}/messages`, userId: person.id, body },
  )
  expect(status).toBe(200)
}

test('scrolling loads older messages, and keeps the position', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 130)
  await ada.opensConversation(id)
  await expect(ada.stored('message 130')).toBeInViewport()
  await expect(ada.stored('message 1')).toHaveCount(0)

  for (const first of [81, 31, 1]) {
    await ada.messages.first().scrollIntoViewIfNeeded()
    await expect(ada.stored(`message ${first}`)).toHaveCount(1)
  }
  await expect(ada.page.getByRole('link', { name: 'Older messages' })).toHaveCount(0)
  await ada.seesAll(Array.from({ length: 130 }, (_, index) => `message ${index + 1}`))
})

test('times are in the reader’s time zone', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  await ada.page.goto(`/c/${id}`)
  const time = ada.stored('message 1').locator('time')
  const at = new Date((await time.getAttribute('datetime')) ?? '')
  const clock = { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Berlin' } as const
  await expect(time).toHaveText(at.toLocaleTimeString('en-GB', clock))
})

test('URLs become links, and HTML stays text', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  await ada.sends('see https://example.org/a?b=1, <b>bold</b>')
  const link = ada.messages.getByRole('link', { name: 'https://example.org/a?b=1', exact: true })
  await expect(link).toHaveAttribute('href', 'https://example.org/a?b=1')
  await expect(link).toHaveAttribute('rel', /noopener/)
  await expect(ada.messages).toContainText('<b>bold</b>')
  await expect(ada.messages.locator('b')).toHaveCount(0)
})

test('two people who write at the same time see the same order', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person)
  await Promise.all(
    [ada, bob].map(async (person, index) => {
      for (let turn = 1; turn <= 4; turn++) await person.sends(`turn ${turn} of ${index}`)
    }),
  )
  await expect(ada.messages).toHaveCount(8)
  const bodies = await storedBodies(id)
  for (const person of [ada, bob]) await person.seesAll(bodies)
})

test('a refused message returns to the composer to be corrected', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.opensConversation(id)
  await ada.sends('x'.repeat(4001))
  await expect(ada.composer).toHaveAttribute('aria-invalid', 'true')
  await expect(ada.composer).toHaveAccessibleDescription('A message has at most 4,000 characters.')
  await expect(ada.composer).toHaveValue('x'.repeat(4001))
  expect(await storedBodies(id)).toEqual([])
})
