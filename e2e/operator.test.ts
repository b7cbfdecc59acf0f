import { execFileSync } from 'node:child_process'
import { findViolations } from './axe'
import { withOwnServices } from './other-site'
import { type CreatePerson, expect, type Person } from './people'

const test = withOwnServices

type Site = { url: string; databaseUrl: string }

/** Runs `npm run operator` for that site. @returns the last line of its output */
function shell({ url, databaseUrl }: Site, ...args: string[]) {
  const output = execFileSync(
    process.execPath,
    ['--conditions=react-server', 'scripts/run.mjs', 'operator', ...args],
    { encoding: 'utf8', env: { ...process.env, DATABASE_URL: databaseUrl, AUTH_URL: url } },
  )
  return String(output.trim().split('\n').at(-1))
}

/** A new person who has set the site up. */
async function newOperator(stranger: CreatePerson, site: Site, siteName = 'Parley') {
  const olga = await stranger('olga')
  await olga.page.goto(shell(site))
  await fillsSetup(olga, siteName)
  await olga.isAt('/operator')
  await expect(olga.heading('Operator')).toBeVisible()
  return olga
}

async function fillsSetup(person: Person, siteName: string) {
  await person.field('Username').fill(person.username)
  await person.field('Password').fill('correct horse')
  await person.field('Name of the site').fill(siteName)
  await person.presses('Set up')
}

async function registers(person: Person) {
  await person.registers()
  await person.isAt('/')
}

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('the link from the shell makes one person an operator, and names the site', async ({
      stranger,
      site,
    }) => {
      const [olga, eve] = [await stranger('olga'), await stranger('eve')]
      const link = shell(site)
      await olga.page.goto(link)
      await fillsSetup(olga, 'x'.repeat(41))
      await expect(olga.field('Name of the site')).toHaveAccessibleDescription(/^Use at most 40 characters\./)
      await expect(olga.field('Username')).toHaveValue(olga.username)
      await fillsSetup(olga, 'Tea & <b>Cake</b>')
      await olga.isAt('/operator')
      await expect(olga.page).toHaveTitle('Operator – Tea & <b>Cake</b>')

      eve.expectsErrors(/status of 410/)
      const response = await eve.page.goto(link)
      expect(response?.status()).toBe(410)
      await expect(eve.heading('This link cannot be used')).toBeVisible()
      await eve.page.goto('/')
      await expect(eve.heading('Tea & <b>Cake</b>')).toBeVisible()
      await eve.page.getByRole('link', { name: 'About this site' }).click()
      await expect(eve.heading('About this site')).toBeVisible()
      await expect(eve.page.getByText('This site has operators.')).toBeVisible()
    })

    test('an account becomes operator by the link, and a guest is told what to do first', async ({
      stranger,
      site,
    }) => {
      const [ada, gus] = [await stranger('ada'), await stranger('gus')]
      const link = shell(site)
      await gus.continuesAsGuest()
      await gus.page.goto(link)
      await expect(gus.page.getByText('You are a guest')).toBeVisible()
      await expect(gus.button('Set up')).toHaveCount(0)
      await registers(ada)
      await ada.page.goto(link)
      await ada.presses('Set up')
      await ada.isAt('/operator')
    })

    test('settings are saved, and a shorter time asks before messages are deleted', async ({
      stranger,
      site,
    }) => {
      const olga = await newOperator(stranger, site)
      await olga.field('Days to keep messages in groups').fill('0')
      await olga.presses('Save')
      await expect(olga.field('Days to keep messages in groups')).toHaveAccessibleDescription(
        /^Give 1 to 3,650 days/,
      )
      await olga.field('Days to keep messages in groups').fill('30')
      await olga.presses('Save')
      await expect(olga.page.getByText('This deletes 0 messages for everyone.')).toBeVisible()
      await expect(olga.field('Days to keep messages in groups')).toHaveValue('30')
      await olga.presses('Delete and save')
      await expect(olga.page.getByText('Saved.')).toBeVisible()
      await olga.page.goto('/operator/log')
      await expect(
        olga.page.getByText(
          `${olga.username} changed “Days to keep messages in groups” from for ever to “30”.`,
        ),
      ).toBeVisible()
      await olga.page.goto('/about')
      await expect(olga.page.getByText('In groups: for 30 days')).toBeVisible()
      await olga.page.goto('/operator')
      await olga.field('Days to keep messages in groups').fill('')
      await olga.presses('Save')
      await expect(olga.page.getByText('Saved.')).toBeVisible()
    })

    test('an operator finds a person, gives a role, and makes a link to reset the password', async ({
      stranger,
      site,
    }) => {
      const [olga, bob] = [await newOperator(stranger, site), await stranger('bob')]
      await registers(bob)
      await olga.page.goto('/operator/people')
      await olga.field('Part of a name').fill(bob.username)
      await olga.presses('Find')
      await olga.page.getByRole('main').getByRole('link', { name: bob.username }).click()
      await expect(olga.heading(bob.username)).toBeVisible()
      await olga.presses('Make operator')
      await expect(olga.button('Make operator')).toHaveCount(0)

      await olga.presses('Make a reset link')
      const notice = olga.page.getByText(/Give them this link/)
      await expect(notice).toContainText(`${site.url}/reset/`)
      await bob.page.goto('/')
      await expect(bob.page.getByText(/made a link to reset your password/)).toBeVisible()
      await bob.presses('OK')
      await expect(bob.page.getByText(/made a link to reset your password/)).toHaveCount(0)

      await bob.page.getByRole('link', { name: 'Operator' }).click()
      await expect(bob.heading('Operator')).toBeVisible()
      await bob.page.goto(olga.page.url())
      await bob.presses('Make ordinary')
      await bob.isAt('/')
      bob.expectsErrors(/status of 404/)
      await bob.page.goto('/operator')
      await expect(bob.heading('Page not found')).toBeVisible()
    })

    test('an operator deletes an account', async ({ stranger, site }) => {
      const [olga, bob] = [await newOperator(stranger, site), await stranger('bob')]
      await registers(bob)
      bob.expectsErrors(/status of 401/)
      await olga.page.goto(`/operator/people?q=${bob.username}`)
      await olga.page.getByRole('main').getByRole('link', { name: bob.username }).click()
      await olga.presses('Delete account')
      await olga.isAt('/operator/people')
      await olga.page.goto(`/operator/people?q=${bob.username}`)
      await expect(olga.page.getByText(`No one is called “${bob.username}”.`)).toBeVisible()
      await bob.page.goto('/settings')
      await bob.isAt('/login?from=%2Fsettings')
    })
  })

test('the shell makes an account operator, and makes links to reset passwords', async ({
  stranger,
  site,
}) => {
  const ada = await stranger('ada')
  await registers(ada)
  shell(site, ada.username)
  expect(shell(site, 'reset', ada.username)).toContain(`${site.url}/reset/`)
  expect(() => shell(site, 'nobody-at-all')).toThrow(/There is no account called “nobody-at-all”/)
  await ada.page.goto('/operator/log')
  await expect(
    ada.page.getByText(`A command in the site’s shell changed the role of ${ada.username}`),
  ).toBeVisible()
})

test('the operator’s pages are accessible, and fit the narrowest screen', async ({ stranger, site }) => {
  test.slow()
  const olga = await newOperator(stranger, site, 'W'.repeat(40))
  const other = await stranger('w'.repeat(20))
  await registers(other)
  await olga.page.goto(`/operator/people?q=${other.username}`)
  const person = await olga.page
    .getByRole('main')
    .getByRole('link', { name: other.username })
    .getAttribute('href')
  for (const path of [
    '/operator',
    '/operator/people',
    String(person),
    '/operator/log',
    '/about',
    shell(site),
  ]) {
    await olga.page.goto(path)
    for (const colorScheme of ['light', 'dark'] as const) {
      await olga.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const width of [1280, 320]) {
        await olga.page.setViewportSize({ width, height: 720 })
        expect.soft(await findViolations(olga.page), `${path}, ${colorScheme}, ${width} px`).toEqual([])
        expect.soft(await overflow(olga), `${path}, ${width} px`).toBe(0)
      }
    }
  }
  await olga.page.goto('/operator')
  await olga.field('Name of the site').fill('Parley')
  await olga.presses('Save')
  await expect(olga.page.getByText('Saved.')).toBeVisible()
})

const overflow = ({ page }: Person) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
