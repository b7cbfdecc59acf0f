import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { cookieOf } from '@/testing/cookies'
import { eventually } from '@/testing/eventually'
import { assertProblem } from '@/testing/http'
import { repeat } from '@/testing/limits'
import { people, person, type TestPerson } from '@/testing/people'
import { countStreams, occupyStreams, TestStream } from '@/testing/streams'
import { limitedSites, newAddress } from './limited-sites'

const { sites, from, url } = limitedSites(2)

const open = async ({ token }: TestPerson, address: string, turn = 0) => {
  const headers = { 'x-forwarded-for': address }
  return TestStream.open('/api/room/lobby?timeout=300&after=999', { site: url(turn), token, headers })
}
const close = (streams: TestStream[]) => {
  for (const stream of streams) stream.close()
}

test('a person may have 50 streams open, however many are opened at once', async () => {
  const [ada, bob, address] = [await person(), await person('bob'), newAddress()]
  const opened = await repeat(60, (turn) => open(ada, address, turn))
  const streams = opened.filter(({ status }) => status === 200)
  assert.equal(streams.length, 50)
  const cookie = await cookieOf(ada)
  for (const turn of [0, 1]) {
    const refused = await from(address, '/api/room/lobby', { token: ada.token }, turn)
    assertProblem(refused, 429)
    assert.equal(refused.headers.get('retry-after'), '10')
    const page = await from(address, '/room/lobby/live', { headers: { cookie } }, turn)
    assert.equal(page.status, 429)
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    assert.match(page.text, /http-equiv="refresh" content="10".*role="alert"[^>]*>Too many [^<]+\./s)
  }
  const other = await open(bob, address)
  assert.equal(other.status, 200, 'other people at the address may open streams')

  // They still count after their records would have expired without renewal.
  await sleep(12_000)
  assert.equal(await countStreams(ada), 50)
  close(streams.slice(0, 10))
  await eventually(async () => (await countStreams(ada)) === 40)
  const again = await open(ada, address, 1)
  assert.equal(again.status, 200)
  close([...streams, again, other])
  await eventually(async () => (await countStreams(ada)) + (await countStreams(bob)) === 0)
})

test('an address may have 500 streams open', async () => {
  const [[ada, bob], address] = [await people('ada', 'bob'), newAddress()]
  await occupyStreams(499, address)
  const last = await open(ada, address)
  assert.equal(last.status, 200)
  assertProblem(await from(address, '/api/room/lobby', { token: bob.token }, 1), 429)
  const elsewhere = await open(bob, newAddress(), 1)
  assert.equal(elsewhere.status, 200)
  last.close()
  await eventually(async () => (await countStreams(ada)) === 0)
  const next = await open(bob, address, 1)
  assert.equal(next.status, 200)
  close([elsewhere, next])
})

test('a HEAD request opens no stream', async () => {
  const ada = await person()
  const headers = { cookie: await cookieOf(ada) }
  assert.equal((await from(newAddress(), '/room/lobby/live', { method: 'HEAD', headers })).status, 200)
  await eventually(async () => (await countStreams(ada)) === 0)
})

test('streams of a killed site stop counting after 10 s', async () => {
  const ada = await person()
  const lost = await repeat(50, () => open(ada, newAddress(), 1))
  sites[1]?.services.site?.kill('SIGKILL')
  await eventually(() => lost.every(({ hasEnded }) => hasEnded))
  assertProblem(await from(newAddress(), '/api/room/lobby', { token: ada.token }), 429)
  await eventually(async () => {
    const next = await open(ada, newAddress())
    next.close()
    return next.status === 200
  }, 15_000)
  await eventually(() => sites[1]?.services.site?.isUp, 20_000)
})
