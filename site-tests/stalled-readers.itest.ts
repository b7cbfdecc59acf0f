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

// Longer than one renewal of a membership, so that it shows whether the stream renews it.
const lifeSeconds = 12
/** A session's end is noticed within 2.5 s, and the reader gets 2 s more. The rest is for a busy machine. */
const closingMs = 10_000
let site: Parley
/** A site whose streams end after `lifeSeconds`. */
let shortSite: Parley
/** A room with more messages than the buffers hold. */
let fullRoom: Room

before(async () => {
  const env = { PARLEY_LIMITS: 'on', TRUST_PROXY: 'true' }
  // With this small heap, the site would run out of memory if streams buffered much.
  site = await startOtherSite({ ...env, NODE_OPTIONS: '--max-old-space-size=128' })
  shortSite = await startOtherSite({ ...env, PARLEY_STREAM_SECONDS: String(lifeSeconds) })
  fullRoom = await createFullRoom(await person('bob'))
})
after(() => Promise.all([site.stop(), shortSite.stop()]))

async function createFullRoom(by: TestPerson) {
  const room = await joinRoom(by, { name: `room-${unique()}` })
  await fillConversation(by, room.id)
  return room
}

/** Creates a member of the room. */
async function newMember() {
  const ada = await person('ada')
  await joinRoom(ada, fullRoom)
  return ada
}

type Open = (person: TestPerson, room?: Room, at?: Parley) => Promise<StalledReader>

const openStream: Open = async ({ token }, { name } = fullRoom, at = site) =>
  new StalledReader(at, `/api/room/${name}?after=0&timeout=300`, {
    accept: 'application/x-ndjson',
    authorization: `Bearer ${token}`,
  })

const openLivePage: Open = async (person, { name } = fullRoom, at = site) =>
  new StalledReader(at, `/room/${name}/live?after=0`, { cookie: await cookieOf(person) })

const isCounted = (person: TestPerson) => eventually(async () => (await countStreams(person)) === 1)
/** Waits until all buffers are full. */
const fillBuffers = () => sleep(5000)

describe('a stream whose reader has stopped reading', { concurrency: 4 }, () => {
  for (const [name, open] of [
    ['the API stream', openStream],
    ['the live page', openLivePage],
  ] as const) {
    test(`${name} is closed when its login session ends`, async () => {
      const ada = await newMember()
      const stalled = await open(ada)
      await isCounted(ada)
      await fillBuffers()
      await endLoginSession(ada, ada.loginSessionId)
      assert.equal((await stalled.isClosed(closingMs)).left, true)
      await assertGone(ada)
    })

    test(`${name} is closed when the person leaves the room`, async () => {
      const ada = await newMember()
      const stalled = await open(ada)
      await isCounted(ada)
      await fillBuffers()
      await leaveRoom(ada, fullRoom.id)
      assert.equal((await stalled.isClosed(closingMs)).left, true)
      await assertGone(ada)
    })

    test(`${name} keeps the person in the room until its time is over, and then is closed`, async () => {
      const ada = await newMember()
      const began = Date.now()
      const stalled = await open(ada, fullRoom, shortSite)
      await isCounted(ada)
      await sleep(10_000)
      assert.ok(await isMember(ada.id, fullRoom.id))
      assert.equal((await stalled.isClosed(lifeSeconds * 1000)).left, true)
      assert.ok(Date.now() - began > lifeSeconds * 1000)
      await assertGone(ada)
    })
  }

  test('a reader that continues gets every message once, including those sent meanwhile', async () => {
    const ada = await newMember()
    const ownRoom = await createFullRoom(ada)
    const stalled = await openStream(ada, ownRoom)
    await isCounted(ada)
    await fillBuffers()
    // More messages than a stream buffers.
    for (let number = 1; number <= 50; number++) await say(ada, ownRoom.id, `number ${number}`)
    stalled.resume()
    await eventually(() => stalled.text.includes('"number 50"'), 30_000)
    const seqs = [...stalled.text.matchAll(/"type":"message".*?"seq":(\d+)/g)].map(([, seq]) => Number(seq))
    assert.deepEqual(
      seqs,
      Array.from({ length: 650 }, (_, index) => index + 1),
    )
  })
})

test('sixty stalled streams use little memory', async () => {
  const pid = site.services.site?.pid
  const readers = [await newMember(), await newMember()] as const
  const isOpen = async (count: number) =>
    (await countStreams(readers[0])) + (await countStreams(readers[1])) === count
  for (let count = 2; count <= 60; count += 2) {
    for (const ada of readers) await openStream(ada)
    // Opening a stream takes a lock on its address. Sixty at once could exceed the statement timeout.
    await eventually(() => isOpen(count), 10_000)
  }
  await fillBuffers()
  assert.equal(site.services.site?.pid, pid, 'the site has run out of memory')
  await eventually(() => isOpen(60))
})

test('SIGTERM stops the site in time, despite stalled readers', async () => {
  const ada = await newMember()
  for (const open of [openStream, openLivePage]) await open(ada)
  await eventually(async () => (await countStreams(ada)) === 2)
  await fillBuffers()
  const began = Date.now()
  site.services.site?.kill('SIGTERM')
  await eventually(() => !site.services.site?.isUp, 8000)
  // Less than the 9 s after which it would be killed.
  assert.ok(Date.now() - began < 6000, `${Date.now() - began} ms`)
  assert.equal(await countStreams(ada), 0)
})

/** Checks that the stream no longer counts, and that the person leaves the room in time. */
async function assertGone(person: TestPerson) {
  assert.equal(await countStreams(person), 0)
  await eventually(async () => !(await isMember(person.id, fullRoom.id)), 10_000)
}
