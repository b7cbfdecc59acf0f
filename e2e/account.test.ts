import { expect, password, test } from './people'

const newPassword = 'battery staple'

test('two login sessions are listed, and one can be ended from the other', async ({ person }) => {
  const laptop = await person('ada')
  const phone = await laptop.onAnotherDevice()
  await phone.page.goto('/people')
  await phone.isLive()
  await laptop.page.goto('/settings')
  const sessions = laptop.page.getByRole('listitem').filter({ hasText: 'last seen' })
  await expect(sessions).toHaveCount(2)
  await expect(sessions.filter({ hasText: 'this device' })).toHaveCount(1)

  await sessions
    .filter({ hasNotText: 'this device' })
    .getByRole('button', { name: 'Log out this session' })
    .click()
  await expect(sessions).toHaveCount(1)
  await phone.isNoLongerLive()
  await phone.isAt('/login?from=%2Fpeople%3Fq%3D')
  await laptop.page.reload()
  await expect(laptop.heading('Settings')).toBeVisible()
})

test('logging out everywhere ends every login session', async ({ person }) => {
  const laptop = await person('ada')
  const phone = await laptop.onAnotherDevice()
  await phone.page.goto('/invitations')
  await phone.isLive()
  await laptop.page.goto('/settings')
  await laptop.endsSession('Log out everywhere')
  await phone.isNoLongerLive()
  await phone.isAt('/login?from=%2Finvitations')
})

test('changing the password ends the other login sessions, and the old password no longer works', async ({
  person,
}) => {
  const laptop = await person('ada')
  const phone = await laptop.onAnotherDevice()
  await phone.page.goto('/invitations')
  await phone.isLive()
  await laptop.page.goto('/settings')
  await laptop.field('Current password').fill(password)
  await laptop.field('New password').fill(newPassword)
  await laptop.presses('Change password')
  await expect(laptop.page.getByText('Your password is changed')).toBeVisible()
  await phone.isAt('/login?from=%2Finvitations')

  await phone.fillsLogIn(password)
  await expect(phone.page.getByText('The password does not match.')).toBeVisible()
  await phone.fillsLogIn(newPassword)
  await phone.isAt('/invitations')
})

test('logging in on a page from before the last login ends that session, and other tabs stay live', async ({
  stranger,
}) => {
  const [ada, bob] = [await stranger('ada'), await stranger('bob')]
  await bob.hasAccount()
  await ada.hasAccount()
  const stale = await Promise.all([ada.inAnotherTab(), ada.inAnotherTab()])
  for (const { page } of stale) await page.goto('/login')
  await ada.signsIn()
  await ada.page.goto('/')
  await ada.isLive()

  const reconnected = ada.page.waitForEvent('websocket')
  await stale[0].fillsLogIn()
  await reconnected
  await ada.isLive()
  await stale[0].page.goto('/settings')
  await expect(stale[0].page.getByRole('listitem').filter({ hasText: 'last seen' })).toHaveCount(1)

  // Then as another person, whom the other tabs follow. Before that, they may still request ada's channel.
  for (const tab of [ada, ...stale]) tab.expectsErrors(/status of 403 .*\/api\/realtime\/auth/)
  await stale[1].fillsLogIn(password, bob.username)
  await expect(ada.heading(`Hello, ${bob.name}`)).toBeVisible()
  await ada.isLive()
})

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('errors are shown beside their fields, which keep their values', async ({ stranger }) => {
      const ada = await stranger('ada')
      await ada.page.goto('/register')
      await ada.field('First name (optional)').fill('Ada')
      await ada.field('Gender (optional)').selectOption('Female')
      await ada.field('Username').fill('a!')
      await ada.field('Password').fill('short')
      await ada.presses('Create account')

      await expect(ada.field('Username')).toHaveAttribute('aria-invalid', 'true')
      await expect(ada.field('Username')).toHaveAccessibleDescription(/^Use 3 to 32 letters/)
      await expect(ada.field('Password')).toHaveAttribute('aria-invalid', 'true')
      await expect(ada.field('Password')).toHaveAccessibleDescription(/^Use at least 8 characters/)
      await expect(ada.field('First name (optional)')).not.toHaveAttribute('aria-invalid')
      await expect(ada.field('Username')).toHaveValue('a!')
      await expect(ada.field('First name (optional)')).toHaveValue('Ada')
      await expect(ada.field('Gender (optional)')).toHaveValue('2')
      await expect(ada.field('Password')).toHaveValue('')

      await ada.field('Username').fill(ada.username)
      await ada.field('Password').fill(password)
      await ada.presses('Create account')
      await ada.isAt('/')
      await expect(ada.heading('Hello, Ada')).toBeVisible()
    })

    test('a taken username is refused, regardless of case', async ({ stranger }) => {
      const ada = await stranger('ada')
      await ada.hasAccount()
      await ada.registers({ username: ada.username.toUpperCase() })
      await expect(ada.field('Username')).toHaveAccessibleDescription(/^This username is taken\./)
      await expect(ada.field('Username')).toHaveValue(ada.username.toUpperCase())
    })

    test('a wrong password and an unknown username are shown beside their fields', async ({ stranger }) => {
      const ada = await stranger('ada')
      await ada.page.goto('/login')
      await ada.fillsLogIn()
      await expect(ada.field('Username')).toHaveAccessibleDescription(/^There is no account called/)
      await expect(ada.field('Username')).toHaveAttribute('aria-invalid', 'true')

      await ada.hasAccount()
      await ada.fillsLogIn('wrong password')
      await expect(ada.field('Password')).toHaveAccessibleDescription('The password does not match.')
      await expect(ada.field('Password')).toHaveAttribute('aria-invalid', 'true')
      await expect(ada.field('Password')).toHaveValue('')
      await expect(ada.field('Username')).toHaveValue(ada.username)
      await expect(ada.field('Username')).not.toHaveAttribute('aria-invalid')
    })

    test('a person redirected to the login returns to the page after logging in', async ({ stranger }) => {
      const ada = await stranger('ada')
      await ada.hasAccount()
      await ada.page.goto('/people?q=ada')
      await ada.isAt('/login?from=%2Fpeople%3Fq%3Dada')
      await ada.fillsLogIn('wrong password')
      await expect(ada.page.getByText('The password does not match.')).toBeVisible()
      await ada.fillsLogIn()
      await ada.isAt('/people?q=ada')
    })

    test('logging in does not redirect to another site', async ({ stranger }) => {
      const ada = await stranger('ada')
      await ada.hasAccount()
      await ada.page.goto('/login?from=//example.org/')
      await ada.fillsLogIn()
      await ada.isAt('/')
    })

    test('a person redirected to the login can register instead, and still gets to the page', async ({
      stranger,
    }) => {
      const ada = await stranger('ada')
      await ada.page.goto('/settings')
      await ada.page.getByRole('link', { name: 'Create an account' }).click()
      await expect(ada.heading('Create an account')).toBeVisible()
      await ada.field('Username').fill(ada.username)
      await ada.field('Password').fill(password)
      await ada.presses('Create account')
      await ada.isAt('/settings')
    })

    test('a saved profile changes the name that others see', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      await ada.page.goto('/settings')
      await ada.field('First name (optional)').fill('Ada')
      await ada.field('Last name (optional)').fill('Lovelace')
      await ada.field('Gender (optional)').selectOption('Female')
      await ada.presses('Save')
      await expect(ada.page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible()
      await expect(ada.page.getByText('Others see you as “Ada Lovelace”')).toBeVisible()
      await ada.page.reload()
      await expect(ada.field('First name (optional)')).toHaveValue('Ada')
      await expect(ada.field('Gender (optional)')).toHaveValue('2')

      await bob.searches(ada.username)
      await expect(bob.row(ada)).toContainText('Ada Lovelace')
    })

    test('an error in the profile is shown beside its field', async ({ person }) => {
      const ada = await person('ada')
      await ada.page.goto('/settings')
      await ada.field('First name (optional)').fill('A'.repeat(65))
      await ada.presses('Save')
      await expect(ada.field('First name (optional)')).toHaveAttribute('aria-invalid', 'true')
      await expect(ada.field('First name (optional)')).toHaveAccessibleDescription(
        'Use at most 64 characters.',
      )
      await expect(ada.field('First name (optional)')).toHaveValue('A'.repeat(65))
    })

    test('changing the password requires the current one', async ({ person }) => {
      const ada = await person('ada')
      await ada.page.goto('/settings')
      await ada.field('Current password').fill('wrong password')
      await ada.field('New password').fill(newPassword)
      await ada.presses('Change password')
      await expect(ada.field('Current password')).toHaveAccessibleDescription(
        'This is not your current password.',
      )
      await expect(ada.field('Current password')).toHaveAttribute('aria-invalid', 'true')
      await expect(ada.field('Current password')).toHaveValue('')
      await expect(ada.field('New password')).toHaveValue('')

      await ada.field('Current password').fill(password)
      await ada.field('New password').fill(newPassword)
      await ada.presses('Change password')
      await expect(ada.page.getByText('Your password is changed')).toBeVisible()
      await ada.endsSession('Log out')
      await ada.logsIn(newPassword)
    })

    test('ending the current login session logs out', async ({ person }) => {
      const ada = await person('ada')
      await ada.page.goto('/settings')
      await ada.endsSession(/^Log out this session/)
      await ada.page.goto('/settings')
      await ada.isAt('/login?from=%2Fsettings')
    })
  })
