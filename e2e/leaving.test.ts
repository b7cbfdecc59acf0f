import { readFile } from 'node:fs/promises'
import { readZip } from '@/testing/zip'
import { findViolations } from './axe'
import { expect, password, test } from './people'
import { makeConversation } from './seed'

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('data is exported after the password, as a ZIP', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const id = await makeConversation(ada, bob, 3)
      await ada.page.goto('/settings/data')
      await ada.field('Current password').fill('wrong')
      await ada.presses('Export my data')
      await expect(ada.field('Current password')).toHaveAccessibleDescription(
        'This is not your current password.',
      )
      for (let time = 0; time < 2; time++) {
        await ada.field('Current password').fill(password)
        const download = ada.page.waitForEvent('download')
        await ada.presses('Export my data')
        const file = await download
        expect(file.suggestedFilename()).toMatch(/^ada-\w+-[\d-]{10}\.zip$/)
        const files = await readZip(await readFile(await file.path()))
        expect(files.get(`conversations/${id}.html`)).toContain('message 3')
      }
      await ada.field('Current password').fill(password)
      await ada.presses('Export my data')
      await expect(ada.page.getByRole('alert').filter({ hasText: 'twice in 24 hours' })).toBeVisible()
    })

    test('an account is deleted after the password and the username', async ({ person }) => {
      const ada = await person('ada')
      await ada.page.goto('/settings')
      await ada.page.getByRole('link', { name: 'Export your data, or delete your account' }).click()
      await ada.page.getByRole('link', { name: 'Delete account' }).click()
      await expect(ada.heading('Delete account')).toBeVisible()
      if (javaScriptEnabled) expect(await findViolations(ada.page)).toEqual([])
      await ada.field('Current password').fill('wrong')
      await ada.field('Username').fill(ada.username)
      await ada.field('Your messages').selectOption('erase')
      await ada.presses('Delete account')
      await expect(ada.field('Current password')).toHaveAccessibleDescription(
        'This is not your current password.',
      )
      await expect(ada.field('Username')).toHaveValue(ada.username)
      await expect(ada.field('Your messages')).toHaveValue('erase')
      await ada.field('Current password').fill(password)
      ada.expectsErrors(/status of 401/)
      await ada.presses('Delete account')
      await expect(ada.page.getByText('Your account is deleted.')).toBeVisible()
      await expect(ada.page.getByRole('link', { name: 'Log in' })).toBeVisible()
      if (javaScriptEnabled) expect(await findViolations(ada.page)).toEqual([])
      await ada.page.goto('/login')
      await ada.fillsLogIn()
      await expect(ada.field('Username')).toHaveAccessibleDescription(/There is no account/)
    })
  })

test('the other person sees at once that the account is gone, and that nobody can write', async ({
  person,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 2)
  await bob.page.goto(`/c/${id}`)
  await bob.isLive()
  await ada.page.goto('/settings/data/delete')
  await ada.field('Current password').fill(password)
  await ada.field('Username').fill(ada.username)
  await ada.field('Your messages').selectOption('keep')
  ada.expectsErrors(/status of 401/)
  await ada.presses('Delete account')
  await expect(bob.heading('Deleted person')).toBeVisible()
  await expect(bob.composer).toHaveCount(0)
  await bob.page.reload()
  await expect(bob.page.getByText(ada.username)).toHaveCount(0)
  await expect(bob.page.getByText('Deleted person').first()).toBeVisible()
})
