import type { Page } from '@playwright/test'
import { findViolations } from './axe'
import { expect, type Person, test, uniqueEnding } from './people'
import {
  makeAccount,
  makeConversation,
  makeGroup,
  makeInvitation,
  makeMember,
  makeMentions,
  makeMessages,
  makeReport,
  setSiteRole,
} from './seed'

type Goto = (person: Person) => Promise<unknown>

const signedOutPages: Record<string, Goto> = {
  'the landing page': ({ page }) => page.goto('/'),
  'the registration': ({ page }) => page.goto('/register'),
  'the registration with errors': (person) => person.registers({ username: 'a!', password: 'short' }),
  'the login': ({ page }) => page.goto('/login'),
  'the login with an error': async (person) => {
    await person.page.goto('/login')
    await person.fillsLogIn()
  },
  'the guest page': ({ page }) => page.goto('/guest'),
  'the documentation of the API': ({ page }) => {
    // axe takes a while, because the page is long.
    test.slow()
    return page.goto('/api/docs')
  },
  'the guest page with an error': async (person) => {
    await person.page.goto('/guest')
    await person.field('Username (optional)').fill('a!')
    await person.presses('Continue as guest')
    await expect(person.field('Username (optional)')).toHaveAttribute('aria-invalid', 'true')
  },
  'the rooms, as a guest': (person) => person.continuesAsGuest(),
  'the home page of a guest': async (person) => {
    await person.continuesAsGuest()
    await person.page.goto('/')
  },
  'the invitations of a guest': async (person) => {
    await person.continuesAsGuest()
    await person.page.goto('/invitations')
  },
  'the settings of a guest': async (person) => {
    await person.continuesAsGuest()
    await person.page.goto('/settings')
    await expect(person.page.getByText('You are a guest.')).toBeVisible()
  },
  'a page that does not exist': async (person) => {
    person.expectsErrors(/404/)
    await person.page.goto('/nothing')
  },
}

const signedInPages: Record<string, Goto> = {
  'reporting a message': async (ada) => {
    await setSiteRole(await createPerson('mod'), 'moderator')
    const { id } = await talkingTo(ada, 'bob', 3)
    await ada.page.goto(`/c/${id}/m/2/report`)
    await expect(ada.button('Report')).toBeVisible()
  },
  'the reports': async (ada) => {
    await setSiteRole(ada, 'moderator')
    await makeReport(ada, (await talkingTo(ada, 'bob', 3)).id)
    await ada.page.goto('/operator/reports')
    await expect(ada.button(/^Close report/).first()).toBeVisible()
  },
  'suspending a person': async (ada) => {
    await setSiteRole(ada, 'operator')
    const id = await makeConversation(await createPerson('bob'), ada, 1)
    await makeReport(ada, id)
    await ada.page.goto('/operator/reports')
    await ada.page
      .getByRole('link', { name: /^Suspend/ })
      .first()
      .click()
    await ada.presses('Suspend')
    await expect(ada.field('Reason')).toHaveAttribute('aria-invalid', 'true')
  },
  'moderating a room': async (ada) => {
    await setSiteRole(ada, 'operator')
    const name = `Tea-${uniqueEnding()}`
    await ada.joins(name)
    await makeMember(await createPerson('w'.repeat(27)), await ada.conversationId())
    await ada.page.goto(`/room/${name}/moderate`)
    await ada.page.locator('summary').click()
    await expect(ada.field('Minutes')).toBeVisible()
  },
  'a closed room, as a moderator': async (ada) => {
    await setSiteRole(ada, 'moderator')
    const name = `Tea-${uniqueEnding()}`
    await ada.joins(name)
    await ada.page.goto(`/room/${name}/moderate`)
    await ada.presses('Close room')
    await expect(ada.button('Open room')).toBeVisible()
    await ada.page.goto(`/room/${name}`)
    await expect(ada.page.getByText('This room is closed to new messages.')).toBeVisible()
  },
  'the home page without conversations': ({ page }) => page.goto('/'),
  'the home page with conversations and invitations': async (ada) => {
    await talkingTo(ada, 'bob', 3)
    await makeInvitation(await createPerson('cleo'), ada)
    await ada.page.goto('/')
    await expect(ada.page.getByRole('button', { name: /^Accept/ })).toBeVisible()
  },
  'people found': async (ada) => {
    const [bob, cleo] = [
      await createPerson(`bob-${ada.username}`),
      await createPerson(`cleo-${ada.username}`),
    ]
    await makeInvitation(bob, ada)
    await makeConversation(ada, cleo)
    const dan = await createPerson(`dan-${ada.username}`)
    await ada.searches(ada.username)
    await ada.presses(`Invite ${dan.username}`)
    await expect(ada.alert).toContainText('is offline')
  },
  'no people found': (ada) => ada.searches(`${ada.username}-nobody`),
  everyone: ({ page }) => page.goto('/people'),
  invitations: async (ada) => {
    await makeInvitation(await createPerson('bob'), ada)
    await makeInvitation(ada, await createPerson('cleo'))
    await ada.page.goto('/invitations')
  },
  'no invitations': ({ page }) => page.goto('/invitations'),
  'a conversation': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 130)
    await ada.opensConversation(id)
    await ada.says('a'.repeat(300))
    await ada.says('Not sent in one breath. '.repeat(20).trim())
  },
  'a conversation with waiting messages and a refused one': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 3)
    await ada.opensConversation(id)
    ada.expectsErrors(/ERR_FAILED/)
    let isReached = false
    await ada.page.route('**/messages', (route) =>
      isReached && route.request().postData()?.includes('too much')
        ? route.fulfill({ json: { refusal: 'A message has at most 4,000 characters.' } })
        : route.abort(),
    )
    const rest = ['Not sent in one breath. '.repeat(20).trim(), 'a'.repeat(300)]
    for (const body of ['too much', ...rest]) await ada.sends(body)
    await ada.waitsToSend('too much', ...rest)
    await ada.page.reload()
    await ada.waitsToSend('too much', ...rest)
    isReached = true
    await ada.waitsToSend(...rest)
    await expect(ada.alert).toContainText('Not sent: A message has')
  },
  'an older page of a conversation': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 60)
    await ada.page.goto(`/c/${id}?before=30`)
  },
  'a conversation with replies, an edit and deletions': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 7)
    await editsMessage(ada, id, 1, 'Said better. '.repeat(30).trim())
    for (const seq of [3, 5]) {
      await ada.page.goto(`/c/${id}/m/${seq}/delete`)
      await ada.presses('Delete message')
      await expect(ada.page).toHaveURL(/\?at=/)
    }
    for (const seq of [1, 2, 7]) {
      await ada.page.goto(`/c/${id}?reply=${seq}`)
      await ada.isLiveIn(id)
      await ada.says('a'.repeat(100 + seq))
    }
    await ada.page.goto(`/c/${id}?reply=1`)
    await ada.messages.first().focus()
    await expect(ada.page.getByRole('toolbar')).toBeVisible()
  },
  'a conversation in which a message is edited': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 3)
    await ada.opensConversation(id)
    await ada.composer.press('ArrowUp')
    await expect(ada.field('Edit message')).toBeFocused()
  },
  'a conversation that asks before a message is deleted': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 1)
    await ada.opensConversation(id)
    await ada.messages.first().hover()
    await ada.page.getByRole('toolbar').getByRole('link', { name: 'Delete' }).click()
    await expect(ada.button('Delete message')).toBeVisible()
  },
  'a message': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 1)
    await editsMessage(ada, id, 1, 'a'.repeat(300))
    await ada.page.goto(`/c/${id}/m/1`)
  },
  'the versions of a message': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 1)
    await editsMessage(ada, id, 1, 'a'.repeat(300))
    await ada.page.goto(`/c/${id}/m/1/versions`)
  },
  'editing a message, with an error': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 1)
    await ada.page.goto(`/c/${id}/m/1/edit`)
    await ada.field('Message').fill('')
    await ada.presses('Save')
    await expect(ada.field('Message')).toHaveAttribute('aria-invalid', 'true')
  },
  'editing a message that cannot be edited': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 2)
    await ada.page.goto(`/c/${id}/m/2/edit`)
    await expect(ada.alert).toBeVisible()
  },
  'deleting a message': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 1)
    await ada.page.goto(`/c/${id}/m/1/delete`)
    await expect(ada.button('Delete message')).toBeVisible()
  },
  'an empty conversation': async (ada) => {
    const { id } = await talkingTo(ada, 'bob', 0)
    await ada.page.goto(`/c/${id}`)
  },
  'a closed conversation': async (ada) => {
    const { id, bob } = await talkingTo(ada, 'bob', 3)
    await closes(ada, bob)
    await ada.page.goto(`/c/${id}`)
    await expect(ada.page.getByText('This conversation is closed.')).toBeVisible()
  },
  'a closed conversation with an unsent text': async (ada) => {
    const { id, bob } = await talkingTo(ada, 'bob', 3)
    await ada.page.goto(`/c/${id}`)
    await ada.composer.fill('one more thing')
    await closes(ada, bob)
    await ada.page.goto(`/c/${id}`)
    await expect(ada.alert).toHaveText('This conversation is closed.')
  },
  'the new group': async (ada) => {
    await talkingTo(ada, 'w'.repeat(27), 0)
    await ada.page.goto('/groups/new')
    await ada.presses('Create group')
    await expect(ada.field('Title')).toHaveAttribute('aria-invalid', 'true')
  },
  'a group with notices, readers and a blocked person': async (ada) => {
    const { id, bob } = await groupWith(ada)
    await closes(ada, bob)
    await makeMessages(bob, id, 2)
    await ada.page.goto(`/c/${id}`)
    await ada.says('Not sent in one breath. '.repeat(20).trim())
    await expect(ada.page.getByText('Message from someone you blocked').first()).toBeVisible()
  },
  'the people of a group': async (ada) => {
    const { id } = await groupWith(ada)
    await ada.page.goto(`/c/${id}/people`)
    await ada.presses('Invite')
    await expect(ada.field('Username')).toHaveAttribute('aria-invalid', 'true')
    await ada.presses('Leave group')
    await expect(ada.alert.filter({ hasText: 'new invitation' })).toBeVisible()
  },
  'an invitation to a group': async (ada) => {
    const bob = await createPerson('bob')
    await makeInvitation(bob, ada, await makeGroup('W'.repeat(64), [bob]))
    await ada.page.goto('/invitations')
    await expect(ada.page.getByText('To the group')).toBeVisible()
  },
  'no mentions': ({ page }) => page.goto('/mentions'),
  mentions: async (ada) => {
    await mentionedInGroup(ada)
    await ada.page.goto('/mentions')
    await expect(ada.page.getByText('Unread: ')).toHaveCount(2)
  },
  'messages that mention the reader': async (ada) => {
    await ada.page.goto(`/c/${await mentionedInGroup(ada)}`)
    await expect(ada.page.getByRole('main').locator('mark')).toHaveCount(2)
  },
  'the rooms': ({ page }) => page.goto('/rooms'),
  'the rooms with an error': async (ada) => {
    await ada.page.goto('/rooms')
    await ada.field('Room name').fill('tea & cake')
    await ada.presses('Join')
    await expect(ada.field('Room name')).toHaveAttribute('aria-invalid', 'true')
  },
  'a free room': ({ page }) => page.goto(`/room/${'W'.repeat(26)}${uniqueEnding()}`),
  'an empty room': (ada) => ada.joins(`${'W'.repeat(26)}${uniqueEnding()}`),
  'a room with people and messages': async (ada) => {
    const room = `Tea-${uniqueEnding()}`
    await ada.joins(room)
    const id = await ada.conversationId()
    for (const name of ['bob', 'w'.repeat(27)]) await makeMember(await createPerson(name), id)
    await ada.says('Not sent in one breath. '.repeat(20).trim())
    await ada.says('a'.repeat(300))
    await ada.page.reload()
    await expect(ada.page.getByText('3 here')).toBeVisible()
  },
  'a room with its people in a popover': async (ada) => {
    await ada.joins(`Tea-${uniqueEnding()}`)
    await ada.page.setViewportSize({ width: 1100, height: 720 })
    await ada.presses('People')
    await expect(ada.peopleHere).toHaveCount(1)
  },
  'a room with more people than fit': async (ada) => {
    const room = `Tea-${uniqueEnding()}`
    await ada.joins(room)
    const id = await ada.conversationId()
    for (let count = 0; count < 40; count++) await makeMember(await createPerson(`bob${count}`), id)
    await ada.page.reload()
    await expect(ada.page.getByText('41 here')).toBeVisible()
  },
  'the settings': ({ page }) => page.goto('/settings'),
  'the settings with an error': async (ada) => {
    await ada.page.goto('/settings')
    await ada.presses('Change password')
    await expect(ada.field('New password')).toHaveAttribute('aria-invalid', 'true')
  },
  'the export with an error': async (ada) => {
    await ada.page.goto('/settings/data')
    await ada.presses('Export my data')
    await expect(ada.field('Current password')).toHaveAttribute('aria-invalid', 'true')
  },
  'the deletion of an account with errors': async (ada) => {
    await ada.page.goto('/settings/data/delete')
    await ada.presses('Delete account')
    await expect(ada.field('Username')).toHaveAttribute('aria-invalid', 'true')
  },
}

async function createPerson(name: string) {
  const username = `${name}-${Math.random().toString(36).slice(2, 6)}`.slice(0, 32)
  return { id: await makeAccount(username), username }
}

async function talkingTo(ada: Person, name: string, messages: number) {
  const bob = await createPerson(name)
  return { id: await makeConversation(ada, bob, messages), bob }
}

/** A group of ada, bob and others, which ada owns. */
async function groupWith(ada: Person) {
  const others = [await createPerson('bob'), await createPerson('w'.repeat(27))]
  const id = await makeGroup(`${'W'.repeat(26)} ${uniqueEnding()}`, [ada, ...others])
  return { id, bob: others[0] as Awaited<ReturnType<typeof createPerson>> }
}

/** A group where two messages mention ada. @returns its id */
async function mentionedInGroup(ada: Person) {
  const { id, bob } = await groupWith(ada)
  await makeMessages(bob, id, 2)
  await makeMentions(ada, id, `${'a'.repeat(300)} @${ada.username}, ask @${bob.username}`)
  return id
}

async function editsMessage(ada: Person, id: string, seq: number, body: string) {
  await ada.page.goto(`/c/${id}/m/${seq}/edit`)
  await ada.field('Message').fill(body)
  await ada.presses('Save')
  await expect(ada.page).toHaveURL(/\?at=/)
}

async function closes(ada: Person, { username }: { username: string }) {
  await ada.searches(username)
  await ada.presses(`Block ${username}`)
  await expect(ada.button(`Unblock ${username}`)).toBeVisible()
}

for (const [title, goto] of Object.entries(signedOutPages))
  test(`${title} is accessible, and fits the narrowest screen`, async ({ stranger }) => {
    const ada = await stranger('ada')
    await goto(ada)
    await checkLooks(ada.page)
  })

for (const [title, goto] of Object.entries(signedInPages))
  test(`${title} is accessible, and fits the narrowest screen`, async ({ person }) => {
    const ada = await person('ada')
    await goto(ada)
    await checkLooks(ada.page)
  })

async function checkLooks(page: Page) {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page).toHaveTitle(/Parley$/)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 720 })
      expect.soft(await findViolations(page), `${colorScheme}, ${width} px`).toEqual([])
    }
  }
  await page.setViewportSize({ width: 320, height: 640 })
  expect(await overflow(page), 'how much wider than 320 px').toBe(0)
}

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
