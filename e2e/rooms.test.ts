import { expect, test, uniqueEnding } from './people'
import { attendsUntil, storedBodies } from './seed'

const roomName = () => `Tea-${uniqueEnding()}`

for (const javaScriptEnabled of [true, false])
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('rooms are listed with the number of their people, and the lobby always exists', async ({
      person,
    }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const name = roomName()
      await bob.page.goto('/')
      await bob.page.getByRole('link', { name: 'Rooms' }).click()
      await expect(bob.heading('Rooms')).toBeVisible()
      await expect(bob.page).toHaveTitle('Rooms – Parley')
      await expect(bob.room('lobby')).toBeVisible()
      await expect(bob.room(name)).toHaveCount(0)

      await ada.joins(name)
      await bob.page.reload()
      await expect(bob.room(name)).toHaveText(`${name}1 here`)
      await bob.room(name).click()
      await bob.isIn(name)
      await bob.page.goto('/rooms')
      await expect(bob.room(name)).toHaveText(`${name}2 here`)
    })

    test('joining a free name creates the room', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const name = roomName()
      await ada.joins(name)
      await bob.page.goto(`/room/${name}`)
      await bob.isIn(name)
      await ada.says('hello all')
      await bob.looksAgain()
      await bob.sees('hello all')
      await bob.says('hello ada')
      await ada.looksAgain()
      await ada.seesAll(['hello all', 'hello ada'])
      const id = await ada.conversationId()
      expect(await storedBodies(id)).toEqual(['hello all', 'hello ada'])
    })

    test('a malformed room name is shown beside the field', async ({ person }) => {
      const ada = await person('ada')
      await ada.page.goto('/rooms')
      for (const [typed, reason] of [
        ['tea & cake', /^Use 1 to 32 letters/],
        ['x'.repeat(33), /^Use 1 to 32 letters/],
      ] as const) {
        await ada.field('Room name').fill(typed)
        await ada.presses('Join')
        await expect(ada.field('Room name')).toHaveAccessibleDescription(reason)
        await expect(ada.field('Room name')).toHaveAttribute('aria-invalid', 'true')
        await expect(ada.field('Room name')).toHaveValue(typed)
      }
      const name = roomName()
      await ada.field('Room name').fill(name)
      await ada.presses('Join')
      await ada.isIn(name)
    })

    test('the page of a free name offers to create the room', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const name = roomName()
      await ada.page.goto(`/room/${name}`)
      await expect(ada.heading(name)).toBeVisible()
      await expect(ada.composer).toHaveCount(0)
      await bob.page.goto('/rooms')
      await expect(bob.room(name)).toHaveCount(0)

      await ada.presses('Join')
      await ada.isIn(name)
      await ada.says('mine')
    })

    test('joins and leaves are announced, and change the list of people', async ({ person }) => {
      const ada = await person('ada')
      const bob = await person('bob', { firstName: 'Bob', lastName: 'Byrd' })
      const name = roomName()
      await ada.joins(name)
      await expect(ada.peopleHere).toHaveText([new RegExp(`${ada.name} · you$`)])

      await bob.page.goto(`/room/${name}`)
      await bob.isIn(name)
      await expect(bob.peopleHere.filter({ hasText: ada.name })).toBeVisible()
      await expect(ada.note(`Bob Byrd (${bob.username}) joined`)).toBeVisible()
      await ada.looksAgain()
      await expect(ada.peopleHere.filter({ hasText: 'Bob Byrd' })).toBeVisible()
      await expect(ada.page.getByText('2 here')).toBeVisible()
      if (!javaScriptEnabled) await ada.isIn(name)

      await bob.presses('Leave')
      await bob.isAt('/rooms')
      await expect(ada.note(`Bob Byrd (${bob.username}) left`)).toBeVisible()
      await ada.looksAgain()
      await expect(ada.peopleHere).toHaveText([new RegExp(`${ada.name} · you$`)])
      await expect(ada.page.getByText('1 here')).toBeVisible()
    })

    test('on a narrow screen a button shows the people in a room', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const name = roomName()
      for (const one of [ada, bob]) await one.joins(name)
      await expect(ada.button('People')).toBeHidden()
      for (const width of [1100, 360]) {
        await bob.page.setViewportSize({ width, height: 640 })
        await expect(bob.peopleHere).toHaveCount(0)
        await bob.button('People').focus()
        await bob.page.keyboard.press('Enter')
        await expect(bob.peopleHere).toHaveText([ada, bob].map((one) => new RegExp(one.name)))
        await bob.page.keyboard.press('Escape')
        await expect(bob.peopleHere).toHaveCount(0)
      }
    })

    test('closing the last tab leaves the room within 10 s', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const name = roomName()
      for (const one of [ada, bob]) await one.joins(name)
      await expect(bob.peopleHere).toHaveCount(2)
      await bob.page.close()
      await expect(ada.note(`${bob.name} left`)).toBeVisible({ timeout: 10_000 })
      await ada.looksAgain()
      await expect(ada.peopleHere).toHaveCount(1)
    })

    test('room names ignore case', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const name = roomName()
      await ada.joins(name)
      await ada.says('which case?')
      await bob.page.goto('/rooms')
      await bob.field('Room name').fill(name.toUpperCase())
      await bob.presses('Join')
      await bob.isIn(name)
      await bob.sees('which case?')
      await bob.page.goto(`/room/${name.toLowerCase()}`)
      await expect(bob.heading(name)).toBeVisible()
      await bob.sees('which case?')
    })

    test('in a room all messages are aligned left', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const name = roomName()
      for (const one of [ada, bob]) await one.joins(name)
      await ada.says('mine')
      await bob.says('yours')
      await ada.looksAgain()
      await ada.seesAll(['mine', 'yours'])
      await expect(ada.stored('mine')).toContainText('You')
      const left = async (body: string) => {
        const box = await ada.stored(body).getByText(body, { exact: true }).boundingBox()
        return box?.x
      }
      expect(await left('mine')).toBe(await left('yours'))
    })
  })

test('a person with another page of the room open has not left', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const name = roomName()
  for (const one of [ada, bob]) await one.joins(name)
  const phone = await bob.onAnotherDevice()
  await phone.joins(name)

  const id = await ada.conversationId()
  await bob.page.close()
  // By then a person without another page has left.
  await ada.page.waitForTimeout(9000)
  expect(await attendsUntil(bob, id)).toBe(Number.POSITIVE_INFINITY)
  await expect(ada.note(`${bob.name} left`)).toHaveCount(0)
  await phone.page.close()
  await expect(ada.note(`${bob.name} left`)).toBeVisible({ timeout: 10_000 })
})

test('the joins of many people at the same time are all shown', async ({ person, request, baseURL }) => {
  const ada = await person('ada')
  const name = roomName()
  await ada.joins(name)
  const leave = new AbortController()
  const guests = await Promise.all(
    Array.from({ length: 10 }, async () => (await request.post('/api/session', { data: {} })).json()),
  )
  await Promise.all(
    guests.map(({ token }) =>
      fetch(`${baseURL}/api/room/${name}`, {
        headers: { authorization: `Bearer ${token}` },
        signal: leave.signal,
      }),
    ),
  )
  for (const { user } of guests) await expect(ada.note(`${user.name} joined`)).toHaveCount(1)
  await expect(ada.peopleHere).toHaveCount(11)
  leave.abort()
  for (const { user } of guests) await expect(ada.note(`${user.name} left`)).toHaveCount(1)
  await expect(ada.peopleHere).toHaveCount(1)
})
