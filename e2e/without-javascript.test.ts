import { expect, password, test, uniqueEnding } from './people'
import { countDrafts, makeConversation, makeInvitation, removeMember, storedBodies } from './seed'

test.use({ javaScriptEnabled: false })

test('a form that is posted twice creates one message', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  await ada.page.route(`**/c/${id}`, async (route) => {
    if (route.request().method() === 'POST') await route.fetch({ maxRedirects: 0 })
    await route.continue()
  })
  await ada.says('once')
  await ada.seesAll(['once'])
  expect(await storedBodies(id)).toEqual(['once'])
})

test('going back and sending again creates no second message', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  await ada.page.goto(`/c/${id}`)
  await ada.says('once')

  await ada.page.goBack()
  await ada.isAt(`/c/${id}`)
  await ada.presses('Send')
  await expect(ada.composer).toHaveAccessibleDescription('Write a message.')
  expect(await storedBodies(id)).toEqual(['message 1', 'once'])
})

test('reloading after sending sends nothing', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  await ada.says('once')
  await ada.page.reload()
  await ada.seesAll(['once'])
  await ada.says('twice')
  expect(await storedBodies(id)).toEqual(['once', 'twice'])
})

test('a refused message is shown with the reason, and can be corrected', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  await ada.sends('x'.repeat(4001))
  await expect(ada.composer).toHaveAttribute('aria-invalid', 'true')
  await expect(ada.composer).toHaveAccessibleDescription('A message has at most 4,000 characters.')
  await expect(ada.composer).toHaveValue('x'.repeat(4001))
  await ada.says('shorter')
  expect(await storedBodies(id)).toEqual(['shorter'])
})

test('the newest message is in view, and a link leads to older ones', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 130)
  await ada.page.goto(`/c/${id}`)
  await expect(ada.stored('message 130')).toBeInViewport()
  await expect(ada.composer).toBeInViewport()
  await expect(ada.messages).toHaveCount(50)

  const older = ada.page.getByRole('link', { name: 'Older messages' })
  for (const [first, count] of [
    [31, 50],
    [1, 30],
  ]) {
    await older.click()
    await expect(ada.messages.first()).toHaveAttribute('data-seq', String(first))
    await expect(ada.messages).toHaveCount(Number(count))
  }
  await expect(older).toHaveCount(0)
  await ada.page.getByRole('link', { name: 'Newest messages' }).click()
  await ada.isAt(`/c/${id}`)
  await expect(ada.stored('message 130')).toBeInViewport()
})

test('times are in UTC, and say so', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  await ada.page.goto(`/c/${id}`)
  const time = ada.stored('message 1').locator('time')
  const at = (await time.getAttribute('datetime')) ?? ''
  await expect(time).toHaveText(`${at.slice(11, 16)} UTC`)
})

test('unread messages are counted beside the conversation and in the title, until it is opened', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await bob.page.goto(`/c/${id}`)
  for (const body of ['one', 'two']) await bob.says(body)
  await expect(bob.stored('two')).toContainText('Sent')

  await ada.page.goto('/')
  await expect(ada.page).toHaveTitle('(2) Parley')
  await expect(ada.entry(bob)).toContainText('2 unread')
  await bob.page.reload()
  await expect(bob.stored('two')).toContainText('Delivered')

  await ada.opens(bob)
  await ada.page.goto('/')
  await expect(ada.page).toHaveTitle('Parley')
  await expect(ada.entry(bob)).not.toContainText('unread')
  await bob.page.reload()
  await expect(bob.stored('two')).toContainText('Read')
})

test('rejected and withdrawn invitations are shown as such', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  await makeInvitation(ada, bob)
  await bob.rejects(ada)
  await ada.page.goto('/invitations')
  await expect(ada.row(bob)).toContainText('Rejected')

  await makeInvitation(ada, bob)
  await bob.page.goto('/invitations')
  await expect(bob.button(`Accept ${ada.name}`)).toBeVisible()
  await ada.withdraws(bob)
  await bob.page.reload()
  await expect(bob.button(`Accept ${ada.name}`)).toHaveCount(0)
})

test('login sessions can be ended one by one and all at once', async ({ person }) => {
  const laptop = await person('ada')
  const [phone, tablet] = [await laptop.onAnotherDevice(), await laptop.onAnotherDevice()]
  await laptop.page.goto('/settings')
  const sessions = laptop.page.getByRole('listitem').filter({ hasText: 'last seen' })
  await expect(sessions).toHaveCount(3)
  await sessions
    .filter({ hasNotText: 'this device' })
    .first()
    .getByRole('button', { name: 'Log out this session' })
    .click()
  await expect(sessions).toHaveCount(2)

  await laptop.endsSession('Log out everywhere')
  for (const device of [phone, tablet]) {
    await device.page.goto('/invitations')
    await device.isAt('/login?from=%2Finvitations')
  }
})

for (const way of ['ended elsewhere', 'whose cookie is gone'])
  test(`a message sent in a login session ${way} is kept as a draft until the next login`, async ({
    person,
  }) => {
    const [ada, bob] = [await person('ada'), await person('bob')]
    const id = await makeConversation(ada, bob, 1)
    await ada.page.goto(`/c/${id}`)
    if (way === 'ended elsewhere') await ada.isLoggedOutElsewhere()
    else {
      ada.expectsErrors(/status of 401/)
      await ada.context.clearCookies()
    }
    await ada.sends('\n a <b>text</b>, & more')
    await expect(ada.page.getByText('Your draft is saved')).toBeVisible()
    await expect(ada.page).toHaveURL(new RegExp(`/login\\?from=${encodeURIComponent(`/c/${id}?draft=`)}`))
    await ada.fillsLogIn('wrong password')
    await ada.fillsLogIn()
    await ada.isTalkingTo(bob)
    await expect(ada.composer).toHaveValue('\n a <b>text</b>, & more')
    expect(await storedBodies(id)).toEqual(['message 1'])

    await ada.presses('Send')
    await ada.sees('a <b>text</b>, & more')
    await expect(ada.composer).toHaveValue('')
    expect(await countDrafts(ada)).toBe(0)
    await ada.page.reload()
    await expect(ada.composer).toHaveValue('')
  })

test('a kept draft is shown to its writer only', async ({ person }) => {
  const [ada, bob, eve] = [await person('ada'), await person('bob'), await person('eve')]
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  await ada.isLoggedOutElsewhere()
  await ada.sends('for bob only')
  const login = ada.page.url()
  await ada.fillsLogIn(password, bob.username)
  await ada.isTalkingTo(ada)
  await expect(ada.composer).toHaveValue('')

  await bob.isLoggedOutElsewhere()
  await ada.page.goto(login)
  ada.expectsErrors(/404/)
  await ada.fillsLogIn(password, eve.username)
  await expect(ada.heading('Page not found')).toBeVisible()

  await eve.isLoggedOutElsewhere()
  await ada.page.goto(login)
  await ada.fillsLogIn()
  await expect(ada.composer).toHaveValue('for bob only')
})

test('a draft that is too long for a message is kept too, and in a room', async ({ person }) => {
  const ada = await person('ada')
  const room = `tea-${uniqueEnding()}`
  await ada.joins(room)
  await ada.isLoggedOutElsewhere()
  await ada.sends('x'.repeat(4001))
  await ada.fillsLogIn()
  await expect(ada.heading(room)).toBeVisible()
  await expect(ada.composer).toHaveValue('x'.repeat(4001))
  await ada.presses('Send')
  await expect(ada.composer).toHaveAccessibleDescription('A message has at most 4,000 characters.')
  await ada.says('shorter')
})

test('a form rendered for one person cannot be posted as another', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  await ada.context.clearCookies()
  await ada.signsIn(bob.username)
  await ada.sends('who says so?')
  await expect(ada.composer).toHaveAccessibleDescription(/^You wrote this as somebody else\./)
  await expect(ada.composer).toHaveValue('who says so?')
  expect(await storedBodies(id)).toEqual([])
})

test('the text is kept if the conversation was closed meanwhile', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  await bob.blocks(ada)
  await ada.sends('too late')
  await expect(ada.composer).toHaveAccessibleDescription('This conversation is closed.')
  await expect(ada.composer).toHaveValue('too late')
  await bob.unblocks(ada)
  await ada.presses('Send')
  await ada.sees('too late')
})

test('a person who is no longer in the conversation gets the text back', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.page.goto(`/c/${id}`)
  await removeMember(ada, id)
  ada.expectsErrors(/404/)
  await ada.sends('\nstill </textarea> there?')
  await expect(ada.alert).toHaveText('There is no such conversation.')
  await expect(ada.field('What you wrote')).toHaveValue('\nstill </textarea> there?')
  expect(await storedBodies(id)).toEqual([])
})
