import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '@/testing/eventually'
import { siteUrl } from '@/testing/http'
import { person, unique } from '@/testing/people'
import { follow } from './follow'
import { Site } from './site'
import { sendTo } from './test-console'

test('no message is missed or repeated when one stream ends and the next one starts', async () => {
  const [ada, bob] = await Promise.all([person(), person('bob')])
  const room = unique()
  const notes: string[] = []
  const site = new Site(siteUrl(), (text) => notes.push(text), bob.token)
  const stop = new AbortController()
  const received: number[] = []
  let streams = 0
  const following = (async () => {
    for await (const event of follow(site, room, { seconds: 1, signal: stop.signal })) {
      if (event.type === 'message') received.push(event.seq)
      else if (event.user.id === bob.id) streams++
    }
  })()
  await eventually(() => streams, 15_000)
  let sent = 0
  while (streams < 3) {
    await sendTo(room, ada, `line ${++sent}`)
    assert.ok(sent < 2000)
  }
  await eventually(() => received.length >= sent, 15_000)
  stop.abort()
  await following
  assert.deepEqual(
    received,
    Array.from({ length: sent }, (_, index) => index + 1),
  )
  assert.deepEqual(notes, [])
})
