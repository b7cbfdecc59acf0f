import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { oneTimeLinks } from '@/db/schema'
import { person } from '@/testing/people'
import { findOneTimeLink, forgetOneTimeLinks, makeOneTimeLink, redeemOneTimeLink } from './one-time-links'

const redeem = (token: string, purpose: 'reset' | 'setup' = 'reset') =>
  database().transaction((tx) => redeemOneTimeLink(tx, token, purpose))

async function newLink() {
  const { id: userId } = await person()
  const token = await makeOneTimeLink(database(), 'reset', { userId, hours: 24 })
  const link = await findOneTimeLink(token, 'reset')
  assert.ok(link)
  return { token, userId, id: link.id }
}

test('a one-time link is used exactly once, also by several requests at the same moment', async () => {
  const { token, userId } = await newLink()
  const uses = await Promise.all(Array.from({ length: 8 }, () => redeem(token)))
  assert.deepEqual(
    uses.filter((used) => used),
    [{ userId }],
  )
  assert.equal(await findOneTimeLink(token, 'reset'), undefined)
})

test('a one-time link is found only by its whole token, for its purpose, until it expires', async () => {
  const { token, id } = await newLink()
  const last = token.endsWith('A') ? 'E' : 'A'
  for (const wrong of ['', 'x', token.slice(0, 10), token.slice(0, -1) + last, `${token}\n`]) {
    assert.equal(await findOneTimeLink(wrong, 'reset'), undefined)
    assert.equal(await redeem(wrong), undefined)
  }
  assert.equal(await findOneTimeLink(token, 'setup'), undefined)
  assert.equal(await redeem(token, 'setup'), undefined)
  await database().update(oneTimeLinks).set({ expiresAt: sql`now()` }).where(eq(oneTimeLinks.id, id))
  assert.equal(await findOneTimeLink(token, 'reset'), undefined)
  assert.equal(await redeem(token), undefined)
  await forgetOneTimeLinks()
  assert.equal(await database().$count(oneTimeLinks, eq(oneTimeLinks.id, id)), 0)
})

test('the database does not hold the token', async () => {
  const { token, id } = await newLink()
  const [row] = await database().select().from(oneTimeLinks).where(eq(oneTimeLinks.id, id))
  assert.ok(!JSON.stringify(row).includes(token.slice(12)))
})
