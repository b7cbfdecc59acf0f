import { expect, type Person, test, uniqueEnding } from './people'
import { ageMessages, makeConversation, markUnread, removeMember, storedBodies } from './seed'

test.use({ javaScriptEnabled: false })

const link = ({ page }: Person, name: string) =>
  page.getByRole('main').getByRole('link', { name, exact: true })
const more = (person: Person, body: string) => person.stored(body).getByRole('link', { name: 'More' })

async function twoPeople(person: (name: string) => Promise<Person>, messages: number) {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, messages)
  return { ada, bob, id }
}

test('a message is edited, and everyone sees its earlier versions', async ({ person }) => {
  const { ada, bob, id } = await twoPeople(person, 1)
  await ada.page.goto(`/c/${id}`)
  await more(ada, 'message 1').click()
  await ada.isAt(`/c/${id}/m/1`)
  await link(ada, 'Edit').click()
  await ada.field('Message').fill('')
  await ada.presses('Save')
  await expect(ada.field('Message')).toHaveAccessibleDescription('Write a message.')
  await ada.field('Message').fill('said better')
  await ada.presses('Save')
  await expect(ada.page).toHaveURL(/\?at=1#m1$/)
  await ada.sees('said better')

  await bob.page.goto(`/c/${id}`)
  await bob.sees('said better')
  await bob.messages.getByRole('link', { name: 'edited' }).click()
  await expect(bob.heading('Versions')).toBeVisible()
  await expect(bob.page.getByRole('main').getByRole('listitem')).toContainText([/said better/, /message 1/])
  await bob.page.goto(`/c/${id}/m/1`)
  for (const name of ['Edit', 'Delete']) await expect(link(bob, name)).toHaveCount(0)
})

test('two edits at the same time: the second is told, and may replace the first', async ({ person }) => {
  const { ada, id } = await twoPeople(person, 1)
  const tab = await ada.inAnotherTab()
  for (const one of [ada, tab]) {
    await one.page.goto(`/c/${id}/m/1/edit`)
    await one.field('Message').fill(one === ada ? 'first edit' : 'second edit')
  }
  await ada.presses('Save')
  await ada.sees('first edit')
  await tab.presses('Save')
  await expect(tab.alert).toHaveText('This message was edited meanwhile.')
  await expect(tab.page.getByText('first edit', { exact: true })).toBeVisible()
  await expect(tab.field('Message')).toHaveValue('second edit')
  await tab.presses('Save')
  await tab.sees('second edit')
})

test('what was typed is kept if the message was deleted meanwhile, or the login session ended', async ({
  person,
}) => {
  const { ada, id } = await twoPeople(person, 1)
  const tab = await ada.inAnotherTab()
  await tab.page.goto(`/c/${id}/m/1/edit`)
  await tab.field('Message').fill('typed in vain')
  await ada.page.goto(`/c/${id}/m/1/delete`)
  await ada.presses('Delete message')
  await tab.presses('Save')
  await expect(tab.alert).toHaveText('This message was deleted.')
  await expect(tab.field('What you wrote')).toHaveValue('typed in vain')
  await expect(tab.button('Save')).toHaveCount(0)

  await ada.page.goto(`/c/${id}`)
  await ada.says('hello')
  await ada.page.goto(`/c/${id}/m/2/edit`)
  await ada.field('Message').fill('typed too late')
  await ada.context.clearCookies()
  await ada.presses('Save')
  await ada.fillsLogIn()
  await expect(ada.field('Message')).toHaveValue('typed too late')
  await ada.presses('Save')
  await ada.sees('typed too late')
})

test('a message is too old to be edited after 24 hours, and can still be deleted', async ({ person }) => {
  const { ada, id } = await twoPeople(person, 1)
  await ageMessages(id, '25 hours')
  await ada.page.goto(`/c/${id}/m/1/edit`)
  await expect(ada.alert).toHaveText('You can edit only your own messages, for 24 hours.')
  await expect(ada.button('Save')).toHaveCount(0)
  await ada.page.goto(`/c/${id}/m/1`)
  await expect(link(ada, 'Edit')).toHaveCount(0)
  await link(ada, 'Delete').click()
  await ada.presses('Delete message')
  await expect(ada.messages).toHaveText(/Message deleted/)
})

test('a deleted message leaves one line, and neighbouring ones fold into one', async ({ person }) => {
  const { ada, bob, id } = await twoPeople(person, 5)
  for (const [one, seq] of [
    [bob, 2],
    [ada, 3],
    [bob, 4],
  ] as const) {
    await one.page.goto(`/c/${id}/m/${seq}/delete`)
    await expect(one.stored(`message ${seq}`)).toBeVisible()
    await one.presses('Delete message')
    await expect(one.page).toHaveURL(/\?at=/)
  }
  await ada.page.goto(`/c/${id}`)
  await expect(ada.messages).toHaveText([/message 1/, /^3 messages deleted$/, /message 5/])
  expect(await storedBodies(id)).toEqual(['message 1', '', '', '', 'message 5'])
  await ada.page.goto(`/c/${id}/m/3`)
  await expect(ada.page.getByText('Message deleted')).toBeVisible()
  await expect(link(ada, 'Reply')).toHaveCount(0)
})

test('a reply quotes the message as it is now', async ({ person }) => {
  const { ada, bob, id } = await twoPeople(person, 1)
  await bob.page.goto(`/c/${id}/m/1`)
  await link(bob, 'Reply').click()
  await expect(bob.page).toHaveURL(/\?reply=1#composer$/)
  await expect(bob.page.locator('form').getByText('message 1')).toBeVisible()
  await bob.page.getByRole('link', { name: "Don't reply" }).click()
  await expect(bob.page.locator('[name=replyTo]')).toHaveCount(0)
  await bob.page.goto(`/c/${id}?reply=1`)
  await bob.sends('')
  await expect(bob.composer).toHaveAccessibleDescription('Write a message.')
  await bob.sends('I agree')
  await bob.isAt(`/c/${id}`)
  await expect(bob.page.locator('[name=replyTo]')).toHaveCount(0)
  const quote = bob.stored('I agree').getByRole('link', { name: 'message 1' })
  await expect(quote).toContainText(ada.name)

  await ada.page.goto(`/c/${id}/m/1/edit`)
  await ada.field('Message').fill('said better')
  await ada.presses('Save')
  await expect(ada.stored('I agree').getByRole('link', { name: 'said better' })).toBeVisible()
  await ada.page.goto(`/c/${id}/m/1/delete`)
  await ada.presses('Delete message')
  await expect(ada.stored('I agree').getByRole('link', { name: 'Message deleted' })).toBeVisible()
  await ada.page.goto(`/c/${id}?reply=1`)
  await expect(ada.page.locator('[name=replyTo]')).toHaveCount(0)
})

test('a permalink shows up to 25 messages before and after, and leads to newer ones', async ({ person }) => {
  const { ada, id } = await twoPeople(person, 130)
  await ada.page.goto(`/c/${id}?before=80`)
  await ada.stored('message 50').locator('a:has(time)').click()
  await expect(ada.page).toHaveURL(new RegExp(`/c/${id}\\?at=50#m50$`))
  await expect(ada.messages).toHaveCount(51)
  await expect(ada.messages.first()).toHaveAttribute('data-seq', '25')
  await expect(ada.stored('message 50')).toBeInViewport()
  await expect(ada.page.locator(':target')).toHaveAttribute('data-seq', '50')
  await ada.page.getByRole('link', { name: 'Newer messages' }).click()
  await expect(ada.messages.last()).toHaveAttribute('data-seq', '100')
  await ada.page.getByRole('link', { name: 'Newest messages' }).click()
  await ada.isAt(`/c/${id}`)
  await expect(ada.messages.last()).toHaveAttribute('data-seq', '130')

  await ada.page.goto(`/c/${id}?at=120#m120`)
  await expect(ada.messages).toHaveCount(36)
  await expect(ada.page.getByRole('link', { name: 'Newer messages' })).toHaveCount(0)
  await expect(ada.composer).toBeVisible()
  for (const [at, last] of [
    ['999', 130],
    ['0', 25],
    ['x', 130],
  ]) {
    await ada.page.goto(`/c/${id}?at=${at}`)
    await expect(ada.messages.last()).toHaveAttribute('data-seq', String(last))
  }
})

test('opening a permalink marks no message read that it does not show', async ({ person }) => {
  const { ada, bob, id } = await twoPeople(person, 130)
  await markUnread(bob, id)
  for (const [at, unread] of [
    [80, '99+'],
    [20, '85'],
  ]) {
    await bob.page.goto(`/c/${id}?at=${at}`)
    await bob.page.goto('/')
    await expect(bob.entry(ada)).toContainText(`${unread} unread`)
  }
  await ada.page.goto(`/c/${id}/m/45`)
  await expect(ada.page.getByRole('main').getByText(bob.name)).toBeVisible()
})

test('a message that appears by itself has the same links', async ({ person }) => {
  const { ada, bob, id } = await twoPeople(person, 1)
  await ada.page.goto(`/c/${id}`)
  await ada.isLiveIn(id)
  await bob.page.goto(`/c/${id}?reply=1`)
  await bob.says('new')
  await expect(ada.liveMessages.getByRole('link', { name: 'message 1' })).toBeVisible()
  await ada.liveMessages.getByRole('link', { name: 'More' }).click()
  await ada.isAt(`/c/${id}/m/2`)
})

test('messages of a room have the same pages, which keep the person in the room', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const room = `tea-${uniqueEnding()}`
  await ada.joins(room)
  const id = await ada.conversationId()
  await ada.says('hello all')
  await more(ada, 'hello all').click()
  await ada.isAt(`/room/${room}/m/1`)
  await link(ada, 'Edit').click()
  await removeMember(ada, id)
  await ada.field('Message').fill('hello everyone')
  await ada.presses('Save')
  await expect(ada.page).toHaveURL(new RegExp(`/room/${room}\\?at=1#m1$`))
  await ada.sees('hello everyone')

  await bob.page.goto(`/room/${room}/m/1`)
  await expect(bob.stored('hello everyone')).toBeVisible()
  await bob.page.goto(`/c/${id}/m/1/versions`)
  await bob.isAt(`/room/${room}/m/1/versions`)
  await ada.page.goto(`/room/${room}/m/1/delete`)
  await removeMember(ada, id)
  await ada.presses('Delete message')
  await expect(ada.messages).toHaveText(/Message deleted/)
})
