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

test('scripts and other sites cannot use the session cookie', async ({ person }) => {
  const ada = await person('ada')
  const cookies = await ada.context.cookies()
  const session = cookies.find(({ name }) => /session/.test(name))
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
})
