import { expect, test } from './people'
import { makeConversation } from './seed'

for (const javaScriptEnabled of [true, false])
  test(`another person’s conversation looks like one that does not exist, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async ({
    person,
    stranger,
  }) => {
    const ada = await person('ada', { javaScriptEnabled })
    const [bob, cleo] = [await stranger('bob'), await stranger('cleo')]
    for (const one of [bob, cleo]) await one.hasAccount()
    const foreign = await makeConversation(bob, cleo, 3)
    ada.expectsErrors(/404/)

    const seen = []
    for (const id of [foreign, crypto.randomUUID(), 'nonsense']) {
      const response = await ada.page.goto(`/c/${id}`)
      expect(response?.status()).toBe(404)
      await expect(ada.heading('Page not found')).toBeVisible()
      seen.push([await ada.page.title(), await ada.page.getByRole('main').innerText()])
    }
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
    await ada.page.getByRole('link', { name: 'Go to the home page' }).click()
    await ada.isAt('/')
  })

test('the 404 page is readable without JavaScript', async ({ stranger }) => {
  const ada = await stranger('ada', { javaScriptEnabled: false })
  ada.expectsErrors(/404/)
  const response = await ada.page.goto('/nothing')
  expect(response?.status()).toBe(404)
  await expect(ada.heading('Page not found')).toBeVisible()
})

test('signed-out visitors of signed-in pages are redirected to the login', async ({ stranger }) => {
  const ada = await stranger('ada', { javaScriptEnabled: false })
  const id = crypto.randomUUID()
  for (const path of ['/people?q=ada', '/invitations', '/settings', '/rooms', '/room/lobby', `/c/${id}`]) {
    await ada.page.goto(path)
    await ada.isAt(`/login?from=${encodeURIComponent(path)}`)
  }
})

test('a signed-out visitor returns to the conversation after logging in', async ({ person, stranger }) => {
  const [ada, bob] = [await stranger('ada', { javaScriptEnabled: false }), await person('bob')]
  await ada.hasAccount()
  const id = await makeConversation(ada, bob, 1)
  await ada.page.goto(`/c/${id}`)
  await ada.fillsLogIn()
  await ada.isTalkingTo(bob)
  await ada.sees('message 1')
})

test('every page has security headers and a nonce of its own', async ({ person }) => {
  const ada = await person('ada')
  const id = await makeConversation(ada, await person('bob'), 1)
  const nonces = new Set<string>()
  const pages = [
    '/login',
    '/register',
    '/nothing',
    '/',
    '/people',
    '/invitations',
    '/settings',
    '/guest',
    '/rooms',
    '/room/lobby',
    `/c/${id}`,
  ]
  for (const path of pages) {
    const response = await ada.context.request.get(path)
    const headers = response.headers()
    const policy = headers['content-security-policy'] ?? ''
    const directives = new Map(
      policy.split('; ').map((directive) => {
        const [name = '', ...sources] = directive.split(' ')
        return [name, sources]
      }),
    )
    const scripts = directives.get('script-src') ?? directives.get('default-src') ?? []
    expect(scripts, path).not.toContain("'unsafe-inline'")
    expect(scripts, path).not.toContain("'unsafe-eval'")
    expect(directives.get('frame-ancestors'), path).toEqual(["'self'"])
    expect(directives.get('object-src'), path).toEqual(["'none'"])
    expect(headers['x-content-type-options'], path).toBe('nosniff')
    expect(headers['referrer-policy'], path).toMatch(/^(same-origin|strict-origin|no-referrer)/)

    const [, nonce = ''] = /'nonce-([^']+)'/.exec(scripts.join(' ')) ?? []
    expect(nonce, path).not.toBe('')
    nonces.add(nonce)
    const used = [...(await response.text()).matchAll(/<script[^>]*>/g)].map(([tag]) => tag)
    expect(used.length, path).toBeGreaterThan(0)
    for (const tag of used) expect(tag, path).toContain(`nonce="${nonce}"`)
  }
  expect(nonces.size).toBe(pages.length)
})

test('scripts and other sites cannot use the session cookie', async ({ person }) => {
  const ada = await person('ada')
  const cookies = await ada.context.cookies()
  const session = cookies.find(({ name }) => /session/.test(name))
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
})
