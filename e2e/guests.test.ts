import { expect, password, test, uniqueEnding } from './people'

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('a visitor can continue as a guest with a generated name', async ({ stranger }) => {
      const guest = await stranger('guest')
      await guest.page.goto('/')
      await guest.page.getByRole('link', { name: /continue as guest/i }).click()
      await expect(guest.heading('Continue as guest')).toBeVisible()
      await guest.presses('Continue as guest')
      await guest.isAt('/rooms')
      await guest.page.goto('/settings')
      await expect(
        guest.page.getByText(/^Your username is guest-\w+\. Others see you as “guest-\w+”\.$/),
      ).toBeVisible()
      await expect(guest.page.getByText('You are a guest.')).toBeVisible()
      await guest.endsSession('Log out')
    })

    test('a guest may choose a free username', async ({ stranger }) => {
      const guest = await stranger('guest')
      await guest.continuesAsGuest()
      await guest.page.goto('/')
      await expect(guest.heading(`Hello, ${guest.username}`)).toBeVisible()
    })

    test('a taken or malformed username is shown beside the field', async ({ person, stranger }) => {
      const [ada, guest, other] = [await person('ada'), await stranger('guest'), await stranger('other')]
      const field = guest.field('Username (optional)')
      await guest.page.goto('/guest')
      for (const [typed, reason] of [
        [ada.username.toUpperCase(), /^This username is taken\./],
        ['a!', /^Use 3 to 32 letters/],
      ] as const) {
        await field.fill(typed)
        await guest.presses('Continue as guest')
        await expect(field).toHaveAccessibleDescription(reason)
        await expect(field).toHaveAttribute('aria-invalid', 'true')
        await expect(field).toHaveValue(typed)
      }
      await field.fill(guest.username)
      await guest.presses('Continue as guest')
      await guest.isAt('/rooms')

      // A guest's username is taken, too.
      await other.registers({ username: guest.username })
      await expect(other.field('Username')).toHaveAccessibleDescription(/^This username is taken\./)
    })

    test('a visitor redirected to the login can become a guest, and still gets to the room', async ({
      person,
      stranger,
    }) => {
      const [ada, guest] = [await person('ada'), await stranger('guest')]
      const room = `Tea-${uniqueEnding()}`
      await ada.joins(room)
      await guest.page.goto(`/room/${room}`)
      await guest.isAt(`/login?from=${encodeURIComponent(`/room/${room}`)}`)
      await guest.page.getByRole('link', { name: /continue as guest/i }).click()
      await expect(guest.heading('Continue as guest')).toBeVisible()
      await guest.field('Username (optional)').fill(guest.username)
      await guest.presses('Continue as guest')
      await guest.isIn(room)
      await expect(ada.note(`${guest.username} joined`)).toBeVisible()

      await guest.says('may I?')
      await ada.looksAgain()
      await ada.sees('may I?')
      await expect(ada.stored('may I?')).toContainText(guest.username)
      await ada.says('you may')
      await guest.looksAgain()
      await guest.sees('you may')
    })

    test('guests cannot invite or be invited', async ({ person, stranger }) => {
      const [ada, guest] = [await person('ada'), await stranger('guest')]
      await guest.continuesAsGuest()
      await expect(guest.page.getByRole('link', { name: 'Invitations' })).toHaveCount(0)
      await guest.page.goto('/invitations')
      await expect(guest.page.getByText('Guests can’t send or receive invitations.')).toBeVisible()
      await guest.searches(ada.username)
      await expect(guest.row(ada)).toBeVisible()
      await expect(guest.button(`Invite ${ada.name}`)).toHaveCount(0)

      await ada.searches(guest.username)
      await expect(ada.row(guest)).toContainText('Guest')
      await expect(ada.button(`Invite ${guest.name}`)).toHaveCount(0)
    })

    test('a guest who sets a password becomes an account with the same name and history', async ({
      person,
      stranger,
    }) => {
      const [ada, guest] = [await person('ada'), await stranger('guest')]
      const room = `Tea-${uniqueEnding()}`
      await ada.joins(room)
      await guest.continuesAsGuest()
      await guest.joins(room)
      await guest.says('I was here before')

      await guest.page.goto('/settings')
      await expect(guest.field('Current password')).toHaveCount(0)
      await guest.field('New password').fill('short')
      await guest.presses('Change password')
      await expect(guest.field('New password')).toHaveAccessibleDescription(/^Use at least 8 characters/)
      await guest.field('New password').fill(password)
      await guest.presses('Change password')
      await expect(guest.page.getByText('You have an account now.')).toBeVisible()
      await guest.page.goto('/settings')
      await expect(guest.page.getByText('You are a guest.')).toHaveCount(0)
      await expect(guest.field('Current password')).toBeVisible()

      await guest.endsSession('Log out')
      await guest.logsIn()
      await expect(guest.heading(`Hello, ${guest.username}`)).toBeVisible()
      await guest.page.goto(`/room/${room}`)
      await guest.isIn(room)
      await expect(guest.stored('I was here before')).toContainText('You')
      await guest.invites(ada)
    })
  })
