import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { joinRoom } from '@/lib/rooms'
import { cookieOf } from '@/testing/cookies'
import { request } from '@/testing/http'
import { friends, person, say, sayInRoom, type TestPerson, unique } from '@/testing/people'
import { expire } from '@/testing/retention'
import { TestStream } from '@/testing/streams'

const get = async (reader: TestPerson, path: string) =>
  request(path, { headers: { cookie: await cookieOf(reader) } })

describe('messages that are no longer kept', { concurrency: 4 }, () => {
  test('their pages and permalinks say so, to those who may see the conversation', async () => {
    const { ada, id } = await friends()
    const eve = await person('eve')
    for (const body of ['one', 'two', 'three']) await say(ada, id, body)
    await expire(id, 2)
    const paths = ['m/1', 'm/2/versions', 'm/2/edit', 'm/2/delete'].map((rest) => `/c/${id}/${rest}`)
    for (const path of [...paths, `/c/${id}?at=1`]) {
      const { status, text } = await get(ada, path)
      assert.equal(status, 410, path)
      assert.match(text, /This message is no longer kept\./)
      assert.equal((await get(eve, path)).status, 404)
    }
    for (const path of [`/c/${id}?at=3`, `/c/${id}?at=9`, `/c/${id}?at=0`, `/c/${id}/m/3`])
      assert.equal((await get(ada, path)).status, 200, path)
    for (const seq of [0, 4]) assert.equal((await get(ada, `/c/${id}/m/${seq}`)).status, 404)
  })

  test('in a room, too', async () => {
    const ada = await person()
    const { id, name } = await joinRoom(ada, { name: unique() })
    await sayInRoom(ada, id, 'one')
    await sayInRoom(ada, id, 'two')
    await expire(id, 1)
    for (const path of [`/room/${name}/m/1`, `/room/${name}?at=1`]) {
      const { status, text } = await get(ada, path)
      assert.equal(status, 410, path)
      assert.match(text, /This message is no longer kept\./)
    }
  })

  test('a page begins with the first one that is kept, and says why', async () => {
    const { ada, id } = await friends()
    for (let seq = 1; seq <= 60; seq++) await say(ada, id, `message ${seq}`)
    await expire(id, 5)
    const newest = await get(ada, `/c/${id}`)
    assert.match(newest.text, />Older messages</)
    assert.doesNotMatch(newest.text, /no longer kept/)
    for (const before of [11, 3]) {
      const { text } = await get(ada, `/c/${id}?before=${before}`)
      assert.match(text, /message 6</)
      assert.doesNotMatch(text, /message 5<|>Older messages</)
      assert.match(text, /Older messages are no longer kept\./)
    }
    await expire(id, 60)
    const { text } = await get(ada, `/c/${id}`)
    assert.match(text, /Older messages are no longer kept\./)
    assert.doesNotMatch(text, /No messages yet/)
  })

  test('a live page goes on after all that it shows has expired', async () => {
    const { ada, bob, id } = await friends()
    await say(ada, id, 'one')
    const headers = { cookie: await cookieOf(bob) }
    const page = await TestStream.open(`/c/${id}/live?after=1&since=0`, { headers, accept: 'text/html' })
    await page.shows('<ol')
    await expire(id, 1)
    await say(ada, id, 'two')
    await page.shows('two')
    const later = await TestStream.open(`/c/${id}/live?after=0&since=0`, { headers, accept: 'text/html' })
    await later.shows('two')
    for (const stream of [page, later]) stream.close()
  })
})
