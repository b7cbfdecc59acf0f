import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { eventually } from '@/testing/eventually'
import { siteUrl } from '@/testing/http'
import { people, person, sayInRoom, type TestPerson, unique, withSession } from '@/testing/people'
import { messagesOf, TestStream } from '@/testing/streams'
import { leaveRoom } from './attendance'
import { endLoginSession } from './login-sessions'
import { storeMessage } from './messages'
import { conversationChannel } from './realtime/channels'
import { soketi } from './realtime/soketi'
import { joinRoom } from './rooms'

const ndjson = 'application/x-ndjson'
const sse = 'text/event-stream'

/** Creates people in a new room. */
async function roomWith(...names: string[]) {
  const all = await people(...names)
  const [ada] = all
  assert.ok(ada)
  const room = await joinRoom(ada, { name: `room-${unique()}` })
  for (const one of all) await joinRoom(one, room)
  return { ...room, path: `/api/room/${room.name}`, all: all as [TestPerson, TestPerson, ...TestPerson[]] }
}

const listens = ({ token }: TestPerson, path: string, accept?: string) =>
  TestStream.open(path, { token, accept })
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const seqsOf = (stream: TestStream) => messagesOf(stream).map(({ seq }) => seq)
const shortTime = (time: string) => time.slice(11, 16)

describe('streams', { concurrency: 6 }, () => {
  test('text/plain is the default, with one readable line per message', async () => {
    const { id, path, all } = await roomWith('ada', 'bob')
    const [ada, bob] = all
    for (const accept of [undefined, '*/*', 'text/plain', 'text/html', 'x']) {
      const stream = await listens(ada, path, accept)
      assert.equal(stream.status, 200)
      assert.equal(stream.headers['content-type'], 'text/plain; charset=utf-8')
      assert.equal(stream.headers['cache-control'], 'no-store')
      const { createdAt } = await sayInRoom(bob, id, 'grüß dich 😀')
      await stream.shows(`${shortTime(createdAt)} ${bob.name}: grüß dich 😀\n`)
      assert.equal(stream.lines[0], `* ${ada.name} joined`)
      stream.close()
    }
  })

  test('application/x-ndjson has one object per line with the whole message', async () => {
    const { id, path, all } = await roomWith('ada', 'bob')
    const [ada, bob] = all
    const cyd = await person('cyd')
    const stream = await listens(ada, path, ndjson)
    assert.equal(stream.headers['content-type'], 'application/x-ndjson; charset=utf-8')
    const message = await sayInRoom(bob, id, 'one\ntwo\u2028three')
    await joinRoom(cyd, { name: path.split('/').pop() })
    await stream.shows(`"joined","user":{"id":"${cyd.id}`)
    await leaveRoom(cyd, id)
    await stream.shows('"left"')
    const user = ({ id, username, name }: TestPerson) => ({ id, username, name })
    assert.deepEqual(
      stream.lines.map((line) => JSON.parse(line)),
      [
        { type: 'joined', user: user(ada) },
        { type: 'message', ...message },
        { type: 'joined', user: user(cyd) },
        { type: 'left', user: user(cyd) },
      ],
    )
    stream.close()
  })

  test('text/event-stream has events with the stream’s position as id, and resumes from Last-Event-ID', async () => {
    const { id, path, all } = await roomWith('ada', 'bob')
    const [ada, bob] = all
    const messages = [
      await sayInRoom(bob, id, 'one'),
      await sayInRoom(bob, id, 'two\ntwo'),
      await sayInRoom(bob, id, 'three'),
    ]
    const written = messages.map(
      (message) => `id: ${message.seq}.0\nevent: message.created\ndata: ${JSON.stringify(message)}\n\n`,
    )
    const stream = await listens(ada, path, sse)
    assert.equal(stream.headers['content-type'], 'text/event-stream; charset=utf-8')
    await stream.shows('id: 3.0\n')
    const joined = `event: member.joined\ndata: ${JSON.stringify({ id: ada.id, username: ada.username, name: ada.name })}\n\n`
    assert.equal(stream.text, joined + written.join(''))
    stream.close()
    // An earlier version of the site gave ids without a version.
    for (const lastEventId of ['2', '2.0']) {
      const again = await TestStream.open(`${path}?after=1`, {
        token: ada.token,
        accept: sse,
        headers: { 'last-event-id': lastEventId },
      })
      await again.shows('id: 3.0\n')
      assert.equal(again.text, joined + written[2])
      again.close()
    }
  })

  test('in text/plain no body can forge a line, and names are usernames', async () => {
    const { id, path, all } = await roomWith('ada', 'bob')
    const [ada] = all
    const mallory = await person('mal', { firstName: ada.username })
    await joinRoom(mallory, { name: path.split('/').pop() })
    const stream = await listens(ada, path)
    for (const end of ['\n', '\r\n', '\u2028', '\u2029', '\n\n'])
      await sayInRoom(mallory, id, `hi${end}12:34 ada: forged${end}* bob left`)
    for (const end of ['\r', '\u0085', '\v', '\f', '\u001b[1A']) {
      const { status } = await mallory.request(path, { body: { body: `hi${end}12:34 ada: forged` } })
      assert.equal(status, 422, JSON.stringify(end))
    }
    await sayInRoom(ada, id, 'the end')
    await stream.shows('the end\n')
    const starts = stream.text
      .split(/[\n\r\u0085\u2028\u2029\v\f]/)
      .filter((line) => !line.startsWith('    '))
      .map((line) => line.replace(/^\d\d:\d\d/, 'time'))
    assert.deepEqual(starts, [
      `* ${ada.name} joined`,
      ...Array.from({ length: 5 }, () => `time ${mallory.username}: hi`),
      `time ${ada.name}: the end`,
      '',
    ])
    stream.close()
  })

  test('a stream starts with the last 20 messages, or with those after `after`', async () => {
    const { id, path, all } = await roomWith('ada')
    const [ada] = all
    for (const seq of span(1, 130)) await sayInRoom(ada, id, `number ${seq}`)
    const expected = { '': span(111, 131), '?after=0': span(1, 131), '?after=130': [131], '?after=999': [] }
    const streams = await Promise.all(
      Object.entries(expected).map(async ([query, seqs]) => ({
        seqs,
        stream: await listens(ada, path + query, ndjson),
      })),
    )
    await sayInRoom(ada, id, 'the last')
    for (const { seqs, stream } of streams) {
      if (seqs.length) await stream.shows('the last')
      assert.deepEqual(seqsOf(stream), seqs)
      stream.close()
    }
  })

  test('a client that resumes with `after` gets every message once, however many people send', async () => {
    const { id, path, all } = await roomWith('ada', 'bob', 'cyd', 'dan')
    const [reader, ...senders] = all
    const each = 100
    const sending = Promise.all(
      senders.map(async (by) => {
        for (const n of span(1, each)) await sayInRoom(by, id, `${by.username} ${n}`)
      }),
    )
    const staying = await listens(reader, `${path}?after=0&timeout=120`, ndjson)
    const total = senders.length * each
    const got: { seq: number; body: string }[] = []
    let connections = 0
    while (got.length < total) {
      const stream = await listens(reader, `${path}?after=${got.at(-1)?.seq ?? 0}`, ndjson)
      connections++
      const wanted = Math.min(37, total - got.length)
      await eventually(() => messagesOf(stream).length >= wanted, 20_000, 5)
      stream.close()
      got.push(...messagesOf(stream))
    }
    await sending
    assert.ok(connections > 3, `${connections} connections`)
    assert.deepEqual(
      got.map(({ seq }) => seq),
      span(1, total),
    )
    // The messages of each sender are in order.
    for (const { username } of senders)
      assert.deepEqual(
        got.map(({ body }) => body).filter((body) => body.startsWith(username)),
        span(1, each).map((n) => `${username} ${n}`),
      )
    await eventually(() => seqsOf(staying).length >= total, 20_000)
    assert.deepEqual(messagesOf(staying), got)
    staying.close()
  })

  test('a message whose event was lost comes before the next one', async () => {
    const { id, path, all } = await roomWith('ada', 'bob')
    const [ada, bob] = all
    const stream = await listens(ada, path, ndjson)
    await sayInRoom(bob, id, 'first')
    await stream.shows('first')
    await storeMessage(bob, id, { body: 'without an event' })
    await sayInRoom(bob, id, 'last')
    await stream.shows('last')
    assert.deepEqual(
      messagesOf(stream).map(({ body }) => body),
      ['first', 'without an event', 'last'],
    )
    stream.close()
  })

  test('a stream ends properly at its timeout', async () => {
    const { path, all } = await roomWith('ada')
    const began = Date.now()
    const stream = await listens(all[0], `${path}?timeout=2`)
    await stream.ends(8000)
    const took = Date.now() - began
    assert.ok(stream.isComplete)
    assert.ok(took > 1900 && took < 6000, `${took} ms`)
  })

  test('a stream ends within a few seconds after its own login session, and no other', async () => {
    const { id, path, all } = await roomWith('ada', 'bob')
    const [ada, bob] = all
    const other = await withSession(ada)
    const [ended, kept] = [await listens(ada, path), await listens(other, path)]
    await endLoginSession(ada, ada.loginSessionId)
    await ended.ends(6000)
    assert.ok(ended.isComplete)
    await sayInRoom(bob, id, 'still there?')
    await kept.shows('still there?')
    assert.ok(!ended.text.includes('still there?'))
    kept.close()
  })

  test('a stream without messages sends something every 15 s, so that no proxy closes it', async () => {
    const { path, all } = await roomWith('ada')
    const [asLines, asEvents] = await Promise.all(
      [ndjson, sse].map((accept) => listens(all[0], path, accept)),
    )
    await asLines?.shows('{"type":"quiet"}\n', 25_000)
    await asEvents?.shows('\n\n:\n\n', 5000)
    asLines?.close()
    asEvents?.close()
  })

  test('one subscription does for all streams of a room, and goes with the last', async () => {
    const { id, path, all } = await roomWith('ada', 'bob')
    const streams = await Promise.all(span(1, 12).map((n) => listens(all[n % 2] ?? all[0], path)))
    const channel = `/channels/${conversationChannel(id)}`
    const look = async () =>
      (await (await soketi().get({ path: channel })).json()) as {
        occupied: boolean
        subscription_count?: number
      }
    await eventually(async () => (await look()).occupied)
    assert.equal((await look()).subscription_count, 1)
    for (const stream of streams.slice(1)) stream.close()
    await sayInRoom(all[1], id, 'for who stays')
    await streams[0]?.shows('for who stays')
    streams[0]?.close()
    await eventually(async () => !(await look()).occupied, 10_000)
    const back = await listens(all[0], path)
    await sayInRoom(all[1], id, 'for who is back')
    await back.shows('for who is back')
    back.close()
  })

  test('curl -N shows each line as it arrives, and curl -d sends a message', async () => {
    const { path, all } = await roomWith('ada', 'bob')
    const [ada, bob] = all
    const url = new URL(path, siteUrl()).href
    const curl = spawn('curl', ['-sN', '-H', `authorization: Bearer ${ada.token}`, url])
    let shown = ''
    curl.stdout.setEncoding('utf8').on('data', (chunk) => {
      shown += chunk
    })
    try {
      await eventually(() => shown === `* ${ada.name} joined\n`)
      for (const text of ['hello', 'a = b & c']) {
        const said = await promisify(execFile)('curl', [
          ...['-s', '-w', '\n%{http_code}', '-H', `authorization: Bearer ${bob.token}`],
          ...['-d', text, url],
        ])
        assert.match(said.stdout, /\n201$/)
        await eventually(() => shown.endsWith(`${bob.name}: ${text}\n`))
      }
    } finally {
      curl.kill()
    }
  })
})
