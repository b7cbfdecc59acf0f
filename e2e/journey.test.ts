import { expect, test } from './people'

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('two people register, find each other, accept an invitation and talk', async ({ stranger }) => {
      const [ada, bob] = [await stranger('ada'), await stranger('bob')]
      for (const person of [ada, bob]) {
        await person.registers()
        await person.isAt('/')
        await expect(person.heading(`Hello, ${person.username}`)).toBeVisible()
      }

      await ada.invites(bob)
      await bob.looksAgain()
      await expect(bob.page.getByRole('heading', { name: 'You have an invitation' })).toBeVisible()

      await bob.presses(`Accept ${ada.name}`)
      await bob.isTalkingTo(ada)
      await ada.looksAgain()
      await expect(ada.entry(bob)).toBeVisible()
      await ada.opens(bob)

      await ada.says('hello bob')
      await bob.looksAgain()
      await bob.sees('hello bob')
      await bob.says('hello ada')
      await ada.looksAgain()
      await ada.sees('hello ada')
      await ada.seesAll(['hello bob', 'hello ada'])

      await ada.endsSession('Log out')
      await ada.page.goto('/invitations')
      await ada.isAt('/login?from=%2Finvitations')
    })
  })
