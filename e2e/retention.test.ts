import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findViolations } from './axe'
import { expect, test, twoTalking } from './people'
import { makeConversation } from './seed'

const program = fileURLToPath(new URL('expire.ts', import.meta.url))
const expire = (id: string, seq: number) =>
  promisify(execFile)(process.execPath, [
    '--conditions=react-server',
    '--import=tsx',
    program,
    id,
    String(seq),
  ])
const sentence = 'Older messages are no longer kept.'

test('messages that are no longer kept leave open pages and lists', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person, 5)
  await expire(id, 3)
  for (const one of [ada, bob]) {
    await expect(one.messages).toHaveCount(2)
    await expect(one.page.getByText(sentence)).toBeVisible()
  }
  await bob.says('after that')
  await ada.sees('after that')
  await expire(id, 6)
  await expect(ada.messages).toHaveCount(0)
  await expect(ada.entry(bob)).toContainText('No messages')
  await ada.says('a new start')
  await bob.sees('a new start')
})

test('a page that was away learns what is no longer kept', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person, 5)
  ada.expectsErrors(/ERR_INTERNET_DISCONNECTED|WebSocket/)
  await ada.context.setOffline(true)
  await expire(id, 4)
  await bob.says('meanwhile')
  await ada.context.setOffline(false)
  await ada.sees('meanwhile')
  await expect(ada.messages).toHaveCount(2)
})

for (const javaScriptEnabled of [true, false])
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('the permalink of a message that is no longer kept says so', async ({ person }) => {
      const [ada, bob] = [await person('ada'), await person('bob')]
      const id = await makeConversation(ada, bob, 3)
      await expire(id, 2)
      ada.expectsErrors(/410/)
      for (const path of [`/c/${id}?at=1#m1`, `/c/${id}/m/2`]) {
        const response = await ada.page.goto(path)
        expect(response?.status()).toBe(410)
        await expect(ada.page.getByText('This message is no longer kept.')).toBeVisible()
      }
      if (javaScriptEnabled) expect(await findViolations(ada.page)).toEqual([])
      await ada.page.getByRole('link', { name: 'Go to the conversation' }).click()
      await expect(ada.page.getByText(sentence)).toBeVisible()
      await ada.sees('message 3')
    })
  })
