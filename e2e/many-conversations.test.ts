import { type CreatePerson, expect, type Person, test } from './people'
import { ageConversation, makeConversation, makeConversations, markUnread } from './seed'

const entries = ({ list }: Person) => list.getByRole('listitem')
const more = ({ list }: Person) => list.getByRole('link', { name: 'More conversations' })
const newest = ({ list }: Person) => list.getByRole('link', { name: 'Newest conversations' })

/** Creates ada with 60 newer conversations and an older one with bob, who has it open. */
async function manyAndOld(person: CreatePerson) {
  const [ada, bob] = [await person('ada'), await person('bob', { javaScriptEnabled: true })]
  const id = await makeConversation(ada, bob, 1)
  await ageConversation(id)
  await makeConversations(ada, 60)
  await bob.opensConversation(id)
  return { ada, bob, id }
}

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('links lead to more conversations and back, and the open one stays', async ({ person }) => {
    const { ada, bob, id } = await manyAndOld(person)
    await ada.page.goto(`/c/${id}`)
    await ada.sees('message 1')
    await expect(entries(ada)).toHaveCount(50)
    await expect(newest(ada)).toHaveCount(0)

    await more(ada).click()
    await ada.sees('message 1')
    await expect(entries(ada)).toHaveCount(11)
    await expect(ada.entry(bob)).toHaveAttribute('aria-current', 'page')
    await expect(more(ada)).toHaveCount(0)

    await newest(ada).click()
    await ada.isAt(`/c/${id}`)
    await expect(entries(ada)).toHaveCount(50)
  })

  test('links to more conversations keep the search', async ({ person }) => {
    const ada = await person('ada')
    await makeConversations(ada, 51)
    await ada.page.goto(`/people?q=${ada.username}`)
    await more(ada).click()
    await expect(entries(ada)).toHaveCount(1)
    await expect(ada.page.getByRole('searchbox')).toHaveValue(ada.username)
  })
})

test('more conversations are added by scrolling, and stay when another page is opened', async ({
  person,
}) => {
  const { ada, bob } = await manyAndOld(person)
  await ada.page.goto('/')
  await expect(entries(ada)).toHaveCount(50)
  await more(ada).scrollIntoViewIfNeeded()
  await expect(entries(ada)).toHaveCount(61)
  await expect(more(ada)).toHaveCount(0)
  await ada.opens(bob)
  await ada.isLiveIn(await ada.conversationId())
  await expect(entries(ada)).toHaveCount(61)
})

test('a message in a conversation that is not in the list brings it to the top with one request', async ({
  person,
}) => {
  const { ada, bob } = await manyAndOld(person)
  await ada.page.goto('/rooms')
  await ada.isLive()
  await expect(entries(ada)).toHaveCount(50)
  let updates = 0
  let lastAt = Date.now()
  ada.page.on('request', (request) => {
    if (request.url().includes('/overview')) updates++
    lastAt = Date.now()
  })
  // The page catches up once after each subscription.
  await expect.poll(() => Date.now() - lastAt).toBeGreaterThan(1500)
  updates = 0
  await bob.says('are you there?')
  await expect(entries(ada).first()).toContainText('are you there?')
  await bob.says('hello?')
  await expect(entries(ada).first()).toContainText('hello?')
  await expect(entries(ada).first()).toContainText('2 unread')
  await expect(ada.page).toHaveTitle(/^\(2\) /)
  expect(updates).toBe(1)
})

for (const javaScriptEnabled of [true, false])
  test(`unread messages of conversations outside of the list are counted up to 99, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async ({
    person,
  }) => {
    const [ada, bob] = [await person('ada', { javaScriptEnabled }), await person('bob')]
    const id = await makeConversation(ada, bob, 100)
    await markUnread(ada, id)
    await ageConversation(id)
    await makeConversations(ada, 50)
    await ada.page.goto('/')
    await expect(ada.page).toHaveTitle('(99+) Parley')
    await ada.page.getByRole('link', { name: 'Read them' }).click()
    await ada.isTalkingTo(bob)
    await expect(ada.page).toHaveTitle(`${bob.name} – Parley`)
    await ada.page.goto('/')
    await expect(ada.page).toHaveTitle('Parley')
    await expect(ada.page.getByText('You’re all caught up.')).toBeVisible()
  })

test('with JavaScript, a link to a later page shows the newest conversations', async ({ person }) => {
  const ada = await person('ada')
  await makeConversations(ada, 60)
  await ada.page.goto('/rooms')
  const href = await more(ada).getAttribute('href')
  await ada.page.goto(href ?? '')
  await ada.isAt('/rooms')
  await expect(entries(ada)).toHaveCount(50)
  await expect(newest(ada)).toHaveCount(0)
})
