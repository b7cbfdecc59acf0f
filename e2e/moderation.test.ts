import { type CreatePerson, expect, type Person, test, uniqueEnding } from './people'
import { makeConversation, setSiteRole, storedBodies } from './seed'

async function moderator(person: CreatePerson) {
  const mod = await person('mod')
  await setSiteRole(mod, 'moderator')
  return mod
}

/** Reports a message from its page. */
async function reports(person: Person, path: string) {
  await person.page.goto(path)
  await person.page.getByRole('link', { name: 'Report', exact: true }).click()
  await person.page.getByLabel('Reason').selectOption('Abuse')
  await person.field('Note').fill('Again and again.')
  await person.presses('Report')
  await expect(person.page.getByText('Reported. Your settings show')).toBeVisible()
}

const section = (mod: Person, name: string) => mod.page.getByRole('heading', { name, level: 2 })

/** The report of a message by that person. */
const reportOf = (mod: Person, { username }: Person) =>
  mod.page
    .getByRole('main')
    .getByRole('listitem')
    .filter({ hasText: `Abuse: ${username}` })

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('a private message is reported, deleted by a moderator, and looked at', async ({ person }) => {
      const [mod, ada, bob] = [await moderator(person), await person('ada'), await person('bob')]
      const id = await makeConversation(ada, bob, 8)
      await bob.page.goto(`/c/${id}/m/7/report`)
      await expect(bob.page.getByRole('main').getByRole('listitem')).toHaveCount(6)
      await expect(bob.page.getByText('message 1', { exact: true })).toHaveCount(0)
      await reports(bob, `/c/${id}/m/7`)
      await bob.page.goto('/settings')
      await expect(bob.page.getByText('not looked at yet')).toBeVisible()

      await mod.page.goto('/')
      await mod.page.getByRole('link', { name: /^Reports/ }).click()
      const report = reportOf(mod, ada)
      await expect(report).toContainText('“Again and again.”')
      await expect(report).toContainText(`Reported by ${bob.name}`)
      await report.getByRole('button', { name: /^Delete message/ }).click()
      await expect(report).toContainText('The message was deleted.')
      await expect(report).toContainText('message 7')
      expect((await storedBodies(id))[6]).toBe('')
      await report.getByRole('button', { name: /^Close report/ }).click()
      await expect(report).toContainText(`closed by ${mod.name}`)
      await bob.page.reload()
      await expect(bob.page.getByText('looked at', { exact: false }).last()).not.toContainText('not looked')
      for (const one of [ada, bob]) {
        one.expectsErrors(/404/)
        await one.page.goto('/operator/reports')
        await expect(one.heading('Page not found')).toBeVisible()
      }
    })

    test('a moderator suspends a person, who reads the reason when logging in', async ({ person }) => {
      const [mod, ada, bob] = [await moderator(person), await person('ada'), await person('bob')]
      const id = await makeConversation(ada, bob, 1)
      await reports(bob, `/c/${id}/m/1`)
      await ada.page.goto('/people')
      await mod.page.goto('/operator/reports')
      await reportOf(mod, ada)
        .getByRole('link', { name: /^Suspend/ })
        .click()
      await mod.presses('Suspend')
      await expect(mod.field('Reason')).toHaveAccessibleDescription(/^Write the reason/)
      await mod.field('Days').fill('3')
      await mod.field('Reason').fill('Being rude.')
      ada.expectsErrors(/status of 401/)
      await mod.presses('Suspend')
      await expect(section(mod, 'Suspended')).toBeVisible()
      await ada.looksAgain()
      await expect(ada.page).toHaveURL(/\/login\?from=/)
      await ada.fillsLogIn()
      await expect(
        ada.page.getByText(/^Your account is suspended until .* Reason: Being rude\.$/),
      ).toBeVisible()
      await mod.presses('Lift suspension')
      await expect(mod.button('Suspend')).toBeVisible()
      await ada.fillsLogIn()
      await expect(ada.page).toHaveURL(/\/people/)
    })

    test('a moderator closes a room, opens it again, and puts a person out', async ({ person }) => {
      const [mod, ada] = [await moderator(person), await person('ada')]
      const name = `Tea-${uniqueEnding()}`
      await ada.joins(name)
      await ada.says('hello')
      await mod.joins(name)
      await mod.page.getByRole('link', { name: 'Moderate' }).click()
      await mod.presses('Close room')
      await expect(section(mod, 'This room is closed')).toBeVisible()
      await ada.looksAgain()
      await expect(ada.page.getByText('This room is closed to new messages.')).toBeVisible()
      await mod.presses('Open room')
      await expect(section(mod, 'Close the room')).toBeVisible()
      await ada.looksAgain()
      await ada.says('open again')
      const row = mod.row(ada)
      await row.locator('summary').click()
      await row.getByRole('textbox', { name: 'Minutes' }).fill('0')
      await row.getByRole('button', { name: 'Put out' }).click()
      await expect(row).toContainText('Give 1 to 10,080 minutes.')
    })
  })

test('a person who is put out leaves the room at once, and reads for how long', async ({ person }) => {
  const [mod, ada] = [await moderator(person), await person('ada')]
  const name = `Tea-${uniqueEnding()}`
  await ada.joins(name)
  await mod.page.goto(`/room/${name}/moderate`)
  const row = mod.row(ada)
  await row.locator('summary').click()
  await row.getByRole('button', { name: 'Put out' }).click()
  await ada.isAt('/rooms')
  await ada.page.goto(`/room/${name}`)
  await expect(ada.alert).toContainText('A moderator put you out of this room until')
  await mod.page.reload()
  await expect(mod.row(ada)).toHaveCount(0)
})

test('a moderator deletes a message of another person in a room, from its page', async ({ person }) => {
  const [mod, ada] = [await moderator(person), await person('ada')]
  const name = `Tea-${uniqueEnding()}`
  await ada.joins(name)
  await ada.says('rude')
  await mod.page.goto(`/room/${name}/m/1`)
  await mod.page.getByRole('link', { name: 'Delete' }).click()
  await mod.presses('Delete message')
  await expect(ada.page.getByRole('main').getByText('Message deleted')).toBeVisible()
})

test('the number of open reports changes at once in the navigation of moderators', async ({ person }) => {
  const [mod, ada, bob] = [await moderator(person), await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  await mod.page.goto('/rooms')
  const link = mod.page.getByRole('link', { name: /^Reports/ })
  const count = async () => Number((await link.textContent())?.replace(/\D/g, '') ?? 0)
  const before = await count()
  await reports(bob, `/c/${id}/m/1`)
  await expect.poll(count).toBeGreaterThan(before)
})
