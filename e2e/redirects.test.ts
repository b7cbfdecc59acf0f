import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test as base, expect, type Person, password } from './people'

/** `otherSite` counts the requests that reach it. */
const test = base.extend<{ otherSite: { host: string; visits: () => number } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
  otherSite: async ({}, use) => {
    let count = 0
    const server = createServer((_request, response) => {
      count++
      response.end('another site')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await use({ host: `127.0.0.1:${(server.address() as AddressInfo).port}`, visits: () => count })
    server.closeAllConnections()
    server.close()
  },
})

const signIn: Record<string, (person: Person) => Promise<void>> = {
  '/login': async (person) => {
    await person.hasAccount()
    await person.fillsLogIn()
  },
  '/register': async (person) => {
    await person.field('Username').fill(person.username)
    await person.field('Password').fill(password)
    await person.presses('Create account')
  },
  '/guest': (person) => person.presses('Continue as guest'),
}

const prefixes = ['/.//', '/a/..//', '/%2e//', '//']

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    for (const [path, fillIn] of Object.entries(signIn)) {
      test(`${path} redirects to the path in “from”`, async ({ stranger }) => {
        const ada = await stranger('ada')
        await ada.page.goto(`${path}?from=${encodeURIComponent('/people?q=a%2Fb')}`)
        await fillIn(ada)
        await ada.isAt('/people?q=a%2Fb')
      })

      test(`${path} never redirects to another site`, async ({ stranger, otherSite }) => {
        for (const wayOut of prefixes) {
          const ada = await stranger('ada')
          await ada.page.goto(`${path}?from=${encodeURIComponent(`${wayOut}${otherSite.host}/`)}`)
          const { origin } = new URL(ada.page.url())
          await fillIn(ada)
          await expect(ada.button('Log out'), wayOut).toBeVisible()
          expect(ada.page.url(), wayOut).toBe(`${origin}/`)
        }
        expect(otherSite.visits()).toBe(0)
      })

      test(`${path} redirects to the home page if “from” is given twice`, async ({ stranger, otherSite }) => {
        const ada = await stranger('ada')
        await ada.page.goto(`${path}?from=/people&from=/.//${otherSite.host}`)
        await fillIn(ada)
        await ada.isAt('/')
        expect(otherSite.visits()).toBe(0)
      })
    }
  })
