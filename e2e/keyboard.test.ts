import type { Page } from '@playwright/test'
import { expect, test } from './people'
import { makeConversation, makeInvitation, storedBodies } from './seed'

test('the skip link comes first, and leads to the content', async ({ person }) => {
  const ada = await person('ada')
  await ada.page.goto('/')
  await ada.isLive()
  const skip = ada.page.getByRole('link', { name: 'Skip to content' })
  await ada.page.keyboard.press('Tab')
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()
  await ada.page.keyboard.press('Enter')
  await expect(ada.page.getByRole('main')).toBeFocused()
})

test('“/” focuses the search, and Escape the composer again', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  await ada.opensConversation(id)
  await expect(ada.composer).toBeFocused()
  await ada.page.keyboard.press('/')
  await expect(ada.composer).toHaveValue('/')

  await ada.stored('message 1').focus()
  await ada.page.keyboard.press('/')
  const search = ada.page.getByRole('searchbox', { name: 'Find people' })
  await expect(search).toBeFocused()
  await expect(search).toHaveValue('')
  await ada.page.keyboard.press('Escape')
  await expect(ada.composer).toBeFocused()
})

test('Enter sends, and Shift+Enter starts a new line', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob)
  await ada.opensConversation(id)
  await ada.page.keyboard.type('one')
  await ada.page.keyboard.press('Shift+Enter')
  await ada.page.keyboard.type('two')
  await expect(ada.composer).toHaveValue('one\ntwo')
  await ada.page.keyboard.press('Enter')
  await expect(ada.messages).toHaveCount(1)
  await expect(ada.composer).toHaveValue('')
  await expect(ada.composer).toBeFocused()
  expect(await storedBodies(id)).toEqual(['one\ntwo'])
})

test('the keyboard is enough to answer an invitation and open a conversation', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  await makeInvitation(bob, ada)
  await ada.page.goto('/')
  await tabTo(ada.page, `Accept ${bob.name}`)
  await ada.page.keyboard.press('Enter')
  await ada.isTalkingTo(bob)
  await ada.page.goto('/')
  await tabTo(ada.page, new RegExp(bob.name))
  await ada.page.keyboard.press('Enter')
  await ada.isTalkingTo(bob)
})

test('the tab order follows the page, and the focus is always visible', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  await makeConversation(ada, bob, 1)
  await ada.page.goto('/settings')
  await ada.isLive()
  const order = []
  for (const stop of await tabStops(ada.page)) {
    expect(stop.isOutlined, stop.name).toBe(true)
    order.push(stop.name)
  }
  expect(order).toEqual([
    'Skip to content',
    'Parley',
    'Settings',
    'Log out',
    'q',
    'Search',
    'People',
    'Rooms',
    'Invitations',
    'Mentions',
    'New group',
    expect.stringContaining(bob.name),
    'firstName',
    'lastName',
    'gender',
    'Save',
    'currentPassword',
    'newPassword',
    'Change password',
    expect.stringContaining('Log out this session'),
    'Log out everywhere',
    'Export your data, or delete your account',
    'About this site',
  ])
})

/** The elements that Tab reaches, from the top of the page to its end. */
async function tabStops(page: Page) {
  const stops: { name: string; isOutlined: boolean }[] = []
  for (let count = 0; count < 60; count++) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const element = document.activeElement
      if (!(element instanceof HTMLElement) || element === document.body) return null
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      return {
        name: element.getAttribute('name') ?? element.textContent ?? '',
        isOutlined: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
      }
    })
    if (!stop) break
    stops.push(stop)
  }
  return stops
}

async function tabTo(page: Page, name: string | RegExp) {
  for (let count = 0; count < 40; count++) {
    await page.keyboard.press('Tab')
    const text = await page.evaluate(() => document.activeElement?.textContent ?? '')
    if (typeof name === 'string' ? text === name : name.test(text)) return
  }
  throw new Error(`Tab never reached ${name}.`)
}
