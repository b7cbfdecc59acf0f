import { findViolations } from './axe'
import { expect, type Person, password, test, uniqueEnding } from './people'
import { makeGroup, makeResetLink, setSiteRole } from './seed'

/** Makes a link as an operator. @returns its path */
async function makesLink({ page }: Person, into: string, uses = '10') {
  await page.goto('/links')
  await page.getByLabel('Uses').fill(uses)
  await page.getByLabel('Into').selectOption({ label: into })
  await page.getByRole('button', { name: 'Make link' }).click()
  await expect(page.getByRole('img', { name: 'QR code of the link' })).toBeVisible()
  const url = new URL(await page.getByRole('link', { name: '/join/' }).innerText())
  expect(url.origin).toBe(new URL(page.url()).origin)
  expect(page.url()).not.toContain(url.pathname)
  return url.pathname
}

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('a link brings a new person and an old one into a group, until it ends', async ({
      person,
      stranger,
    }) => {
      const [oda, ada, eve] = [await person('oda'), await person('ada'), await stranger('eve')]
      await setSiteRole(oda, 'operator')
      const title = `Picnic ${uniqueEnding()}`
      const groupId = await makeGroup(title, [oda])
      const path = await makesLink(oda, `The group “${title}”`)
      await oda.page.goto('/links')
      await expect(oda.page.getByText('Used 0 of 10')).toBeVisible()
      await expect(oda.page.getByText('/join/')).toHaveCount(0)

      await eve.page.goto(path)
      await expect(eve.page.getByText(`invites you to the group “${title}”`)).toBeVisible()
      await eve.field('Username').fill(eve.username)
      await eve.field('Password').fill('12345678')
      await eve.presses('Create account')
      await expect(eve.field('Password')).toHaveAccessibleDescription(/most common passwords/)
      await expect(eve.field('Username')).toHaveValue(eve.username)
      await eve.field('Password').fill(password)
      await eve.presses('Create account')
      await eve.isAt(`/c/${groupId}`)

      await ada.page.goto(path)
      await ada.presses('Join')
      await ada.isAt(`/c/${groupId}`)
      await expect(ada.messages.filter({ hasText: `${eve.username} joined` })).toHaveCount(1)

      await oda.page.goto('/links')
      await expect(oda.page.getByText('Used 2 of 10')).toBeVisible()
      await oda.presses(`End link Into the group “${title}”`)
      await expect(oda.page.getByText('ended')).toBeVisible()
      ada.expectsErrors(/410/)
      await ada.page.goto(path)
      await expect(ada.heading('This link cannot be used')).toBeVisible()
    })

    test('somebody who is signed out logs in, and comes back to the link', async ({ person, stranger }) => {
      const [oda, bob] = [await person('oda'), await stranger('bob')]
      await setSiteRole(oda, 'operator')
      await bob.hasAccount()
      const path = await makesLink(oda, 'A conversation with me')
      await bob.page.goto(path)
      await bob.page.getByRole('link', { name: 'Log in' }).click()
      await bob.fillsLogIn()
      await bob.isAt(path)
      await bob.presses('Join')
      await expect(bob.heading(oda.username)).toBeVisible()
    })

    test('a guest becomes an account by a link', async ({ person, stranger }) => {
      const [oda, gus] = [await person('oda'), await stranger('gus')]
      await setSiteRole(oda, 'operator')
      const path = await makesLink(oda, 'Nothing: only an account')
      await gus.continuesAsGuest()
      await gus.page.goto(path)
      await gus.field('New password').fill(password)
      await gus.presses('Create account')
      await gus.isAt('/')
      await gus.page.goto('/settings')
      await expect(gus.field('Current password')).toBeVisible()
    })

    test('a reset link sets a new password once', async ({ person, stranger }) => {
      const [ada, phone] = [await person('ada'), await stranger('phone')]
      const path = `/reset/${await makeResetLink(ada)}`
      await phone.page.goto(path)
      await phone.field('New password').fill(ada.username)
      await phone.presses('Change password')
      await expect(phone.field('New password')).toHaveAccessibleDescription(/Your username is easily guessed/)
      await phone.field('New password').fill('a better one')
      await phone.presses('Change password')
      await expect(phone.page.getByText('Your password is changed.')).toBeVisible()
      await phone.fillsLogIn('a better one', ada.username)
      await phone.isAt('/')
      await expect(phone.page.getByText('made a link to reset your password')).toBeVisible()
      await phone.presses('OK')
      await expect(phone.page.getByText('made a link to reset your password')).toHaveCount(0)
      await ada.page.goto('/settings')
      await ada.isAt('/login?from=%2Fsettings')
      phone.expectsErrors(/410/)
      await phone.page.goto(path)
      await expect(phone.heading('This link cannot be used')).toBeVisible()
    })
  })

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds nothing on these pages, ${colorScheme}, and they fit a phone`, async ({
    person,
    stranger,
  }) => {
    test.slow()
    const [oda, eve] = [await person('oda'), await stranger('eve')]
    await setSiteRole(oda, 'operator')
    const check = async (reader: Person, name: string) => {
      await reader.page.setViewportSize({ width: 320, height: 700 })
      expect(await findViolations(reader.page), name).toEqual([])
      const width = await reader.page.evaluate(() => document.documentElement.scrollWidth)
      expect(width, name).toBeLessThanOrEqual(320)
    }
    for (const { page } of [oda, eve]) await page.emulateMedia({ colorScheme })
    const path = await makesLink(oda, 'A conversation with me')
    await check(oda, 'the new link')
    eve.expectsErrors(/410/)
    for (const to of [path, `${path}x`, `/reset/${await makeResetLink(oda)}`, '/reset/x']) {
      await eve.page.goto(to)
      await check(eve, to)
    }
    await oda.page.goto(path)
    await check(oda, 'Join')
    await oda.page.goto('/')
    await check(oda, 'the notice of a reset link')
  })
