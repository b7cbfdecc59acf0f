import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { inArray, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { streams } from '@/db/schema'
import { person } from '@/testing/people'
import { countStreams, occupyStreams } from '@/testing/streams'
import type { Refusal } from './errors'
import { leavePlace, removeExpiredPlaces, renewPlaces, takePlace } from './stream-places'

process.env.PARLEY_LIMITS = 'on'

/** Somebody at an address that no other test uses. */
const visitor = async () => ({
  ...(await person()),
  address: `2001:db8:${randomInt(65536).toString(16)}:${randomInt(65536).toString(16)}::1`,
})

const isRefusal = ({ status, retryAfter }: Refusal) => status === 429 && retryAfter === 10

const expire = (...ids: string[]) =>
  database().update(streams).set({ until: sql`now() - interval '1 second'` }).where(inArray(streams.id, ids))

async function take(count: number, by: Awaited<ReturnType<typeof visitor>>) {
  const ids = await Promise.all(Array.from({ length: count }, () => takePlace(by)))
  return ids.map((id) => id ?? assert.fail('the limits are on'))
}

test('a person has 50 places, until one is left or expires', async () => {
  const ada = await visitor()
  const [one = '', other = '', ...rest] = await take(50, ada)
  await assert.rejects(takePlace(ada), isRefusal)
  await leavePlace(one)
  await take(1, ada)
  await assert.rejects(takePlace(ada), isRefusal)
  await expire(other)
  await take(1, ada)
  assert.equal(await countStreams(ada), 50)
  assert.equal(rest.length, 48)
})

test('an address has 500 places, and another one its own', async () => {
  const [ada, bob] = await Promise.all([visitor(), visitor()])
  await occupyStreams(499, ada.address)
  await take(1, ada)
  await assert.rejects(takePlace(ada), isRefusal)
  await assert.rejects(takePlace({ ...bob, address: ada.address }), isRefusal)
  await take(1, bob)
})

test('a place that is renewed counts on, and of the others those that expired are removed', async () => {
  const ada = await visitor()
  const [renewed = '', expired = '', kept = ''] = await take(3, ada)
  await expire(renewed, expired)
  assert.equal(await countStreams(ada), 1)
  await renewPlaces([renewed])
  await renewPlaces([])
  await removeExpiredPlaces()
  const rows = await database()
    .select({ id: streams.id })
    .from(streams)
    .where(inArray(streams.id, [renewed, expired, kept]))
  assert.deepEqual(rows.map(({ id }) => id).sort(), [renewed, kept].sort())
  assert.equal(await countStreams(ada), 2)
})
