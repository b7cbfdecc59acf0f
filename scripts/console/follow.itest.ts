import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteMessage, editMessage } from '@/lib/message-changes'
import type { Message } from '@/lib/views'
import { eventually } from '@/testing/eventually'
import { siteUrl } from '@/testing/http'
import { friends, say } from '@/testing/people'
import { expire } from '@/testing/retention'
import { follow } from './follow'
import { Site } from './site'

test('nothing is missed or repeated when one stream ends and the next one starts', async (t) => {
  const { ada, bob, id } = await friends()
  const notes: string[] = []
  const site = new Site(siteUrl(), (text) => notes.push(text), bob.token)
  const stop = new AbortController()
  t.after(() => stop.abort())
  const received: Message[] = []
  let streams = 0
  const following = (async () => {
    const path = `/api/conversations/${id}/stream`
    for await (const event of follow(site, path, { seconds: 1, signal: stop.signal }))
      if (event.name === 'open') streams++
      else if ('id' in event && event.name !== 'conversation.touched') received.push(event.data)
  })()
  await eventually(() => streams, 15_000)
  let sent = 0
  while (streams < 3) {
    const { seq } = await say(ada, id, `line ${++sent}`)
    const earlier = Math.max(1, seq - 3)
    await editMessage(ada, id, earlier, { body: `edited ${sent}` })
    if (seq % 10 === 0) await deleteMessage(ada, id, earlier)
    assert.ok(sent < 2000)
  }
  const last = await say(ada, id, 'last')
  await eventually(() => received.at(-1)?.seq === last.seq, 15_000)
  stop.abort()
  await following
  assert.equal(new Set(received.map(({ seq, version }) => `${seq} ${version}`)).size, received.length)
  const shown = [...new Map(received.map((message) => [message.seq, message])).values()]
  assert.deepEqual(shown, await messagesIn(id))
  assert.deepEqual(notes, [])

  async function messagesIn(id: string) {
    const all: Message[] = []
    for (let more = true; more; ) {
      const path = `/api/conversations/${id}/messages?after=${all.length}&limit=100`
      const { body } = await bob.request(path)
      all.push(...body.messages)
      more = body.more
    }
    return all
  }
})

test('a stream goes on where messages have expired since', async (t) => {
  const { ada, bob, id } = await friends()
  for (const body of ['one', 'two', 'three']) await say(ada, id, body)
  await expire(id, 2)
  const stop = new AbortController()
  t.after(() => stop.abort())
  const site = new Site(siteUrl(), () => {}, bob.token)
  const ids: string[] = []
  for await (const event of follow(site, `/api/conversations/${id}/stream`, {
    from: '1.0',
    signal: stop.signal,
  })) {
    if ('id' in event) ids.push(`${event.name} ${event.id}`)
    if (event.name === 'message.created') break
  }
  assert.deepEqual(ids, ['conversation.touched 2.0', 'message.created 3.1'])
})
