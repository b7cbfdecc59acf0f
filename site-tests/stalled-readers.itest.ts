import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { leaveRoom } from '@/lib/attendance'
import { endLoginSession } from '@/lib/login-sessions'
import { isMember } from '@/lib/memberships'
import { joinRoom } from '@/lib/rooms'
import type { Room } from '@/lib/views'
import type { Parley } from '@/scripts/parley'
import { cookieOf } from '@/testing/cookies'
import { eventually } from '@/testing/eventually'
import { startOtherSite } from '@/testing/other-site'
import { person, say, type TestPerson, unique } from '@/testing/people'
import { fillConversation, StalledReader } from '@/testing/stalled-reader'
import { countStreams } from '@/testing/streams'

// Long enough to see that the person stays in the room: being seen once counts for less.
const lifeSeconds = 12
/** The login session's end is noticed within 2.5 s, and the reader has 2 s more; the rest is for a busy machine. */
const closingMs = 10_000
let site: Parley
/** One whose streams live only `lifeSeconds`. */
let shortSite: Parley
/** With more to read than the buffers hold. */
let room: Room

before(async () => {
  const env = { PARLEY_LIMITS: 'on', TRUST_PROXY: 'true' }
  // The heap is small, so that streams that held much would end the site.
  site = await startOtherSite({ ...env, NODE_OPTIONS: '--max-old-space-size=128' })
  shortSite = await startOtherSite({ ...env, PARLEY_STREAM_SECONDS: String(lifeSeconds) })
  room = await fullRoom(await person('bob'))
})
after(() => Promise.all([site.stop(), shortSite.stop()]))

async function fullRoom(by: TestPerson) {
  const room = await joinRoom(by, { name: `room-${unique()}` })
  await fillConversation(by, room.id)
  return room
}

/** Somebody in the room. */
async function reader() {
  const ada = await person('ada')
  await joinRoom(ada, room)
  return ada
}

type Opens = (who: TestPerson, to?: Room, at?: Parley) => Promise<StalledReader>

const openStream: Opens = async ({ token }, { name } = room, at = site) =>
  new StalledReader(at, `/api/room/${name}?after=0&timeout=300`, {
    accept: 'application/x-ndjson',
    authorization: `Bearer ${token}`,
  })

const openLivePage: Opens = async (who, { name } = room, at = site) =>
  new StalledReader(at, `/room/${name}/live?after=0`, { cookie: await cookieOf(who) })

const isCounted = (who: TestPerson) => eventually(async () => (await countStreams(who)) === 1)
/** The reader has taken nothing for so long that all buffers are full. */
const fills = () => sleep(5000)

describe('a stream whose reader has stopped reading', { concurrency: 4 }, () => {
  for (const [name, opens] of [
    ['the API stream', openStream],
    ['the live page', openLivePage],
  ] as const) {
    test(`${name} is closed when its login session ends`, async () => {
      const ada = await reader()
      const stalled = await opens(ada)
      await isCounted(ada)
      await fills()
      await endLoginSession(ada, ada.loginSessionId)
      assert.equal((await stalled.isClosed(closingMs)).left, true)
      await assertGone(ada)
    })

    test(`${name} is closed when the person leaves the room`, async () => {
      const ada = await reader()
      const stalled = await opens(ada)
      await isCounted(ada)
      await fills()
      await leaveRoom(ada, room.id)
      assert.equal((await stalled.isClosed(closingMs)).left, true)
      await assertGone(ada)
    })

    test(`${name} is closed when its time is over, and until then the person is in the room`, async () => {
      const ada = await reader()
      const began = Date.now()
      const stalled = await opens(ada, room, shortSite)
      await isCounted(ada)
      await sleep(10_000)
      assert.ok(await isMember(ada.id, room.id))
      assert.equal((await stalled.isClosed(lifeSeconds * 1000)).left, true)
      assert.ok(Date.now() - began > lifeSeconds * 1000)
      await assertGone(ada)
    })
  }

  test('what was sent meanwhile comes when the reader goes on, each message once', async () => {
    const ada = await reader()
    const own = await fullRoom(ada)
    const stalled = await openStream(ada, own)
    await isCounted(ada)
    await fills()
    // More than a stream keeps.
    for (let number = 1; number <= 50; number++) await say(ada, own.id, `number ${number}`)
    stalled.resume()
    await eventually(() => stalled.text.includes('"number 50"'), 30_000)
    const seqs = [...stalled.text.matchAll(/"type":"message".*?"seq":(\d+)/g)].map(([, seq]) => Number(seq))
    assert.deepEqual(
      seqs,
      Array.from({ length: 650 }, (_, index) => index + 1),
    )
  })
})

test('sixty of them hold little', async () => {
  const pid = site.services.site?.pid
  const readers = [await reader(), await reader()] as const
  for (let opened = 0; opened < 30; opened++) for (const ada of readers) await openStream(ada)
  const areCounted = async () => (await countStreams(readers[0])) + (await countStreams(readers[1])) === 60
  await eventually(areCounted, 60_000)
  await fills()
  assert.equal(site.services.site?.pid, pid, 'the site has run out of memory')
  await eventually(areCounted)
})

test('SIGTERM ends the site in time, whoever has stopped reading', async () => {
  const ada = await reader()
  for (const opens of [openStream, openLivePage]) await opens(ada)
  await eventually(async () => (await countStreams(ada)) === 2)
  await fills()
  const began = Date.now()
  site.services.site?.kill('SIGTERM')
  await eventually(() => !site.services.site?.isUp, 8000)
  // By itself: after 9 s it would be made to.
  assert.ok(Date.now() - began < 6000, `${Date.now() - began} ms`)
  assert.equal(await countStreams(ada), 0)
})

/** Neither counted, nor in the room for longer than the contract allows. */
async function assertGone(who: TestPerson) {
  assert.equal(await countStreams(who), 0)
  await eventually(async () => !(await isMember(who.id, room.id)), 10_000)
}
