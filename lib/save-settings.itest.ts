import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import { desc, eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { auditLog, messages, siteSettings } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { eventually } from '@/testing/eventually'
import { friends, person, say, type TestPerson } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { startJobs } from './jobs'
import { saveSettings } from './save-settings'
import { readSettings } from './site-settings'

let ada: TestPerson
before(async () => {
  await switchToOwnDatabase()
  ada = await person('ada', { siteRole: 'operator' })
})
beforeEach(() => database().update(siteSettings).set({ keepRooms: null, keepGroups: null, keepDirect: null }))

/** As the form sends them. */
const form = {
  siteName: 'Parley',
  registration: 'open',
  guests: 'on',
  roomMakers: 'everyone',
  linkMakers: 'operators',
  keepRooms: '',
  keepGroups: '',
  keepDirect: '',
}
const save = (changed: object, sureOf?: string) => saveSettings(ada, { ...form, ...changed }, sureOf)

test('every change of a setting is in the log with the old and the new value', async () => {
  assert.equal(await save({ siteName: '  Tea  room ', guests: 'off', linkMakers: 'accounts' }), undefined)
  const settings = await readSettings()
  assert.deepEqual(
    [settings.siteName, settings.guests, settings.linkMakers, settings.registration],
    ['Tea room', false, 'accounts', 'open'],
  )
  const entries = await database().select().from(auditLog).where(eq(auditLog.actorId, ada.id))
  assert.deepEqual(
    entries.map(({ details }) => details).sort((a, b) => (String(a.setting) < String(b.setting) ? -1 : 1)),
    [
      { setting: 'guests', from: true, to: false },
      { setting: 'linkMakers', from: 'operators', to: 'accounts' },
      { setting: 'siteName', from: 'Parley', to: 'Tea room' },
    ],
  )
  await save({})
})

test('what is not a setting is refused, and changes nothing', async () => {
  for (const faulty of [
    { siteName: '' },
    { siteName: 'x'.repeat(41) },
    { siteName: 'a\nb' },
    { siteName: 'a\u200bb' },
    { registration: 'x' },
    { guests: '' },
    { roomMakers: undefined },
    { linkMakers: 'everyone' },
    ...['0', '3651', '1.5', '-1', 'x', '1e9'].map((keepRooms) => ({ keepRooms })),
  ])
    await assert.rejects(save(faulty), refusedWith(422), JSON.stringify(faulty))
  assert.equal((await readSettings()).siteName, 'Parley')
  for (const siteRole of ['person', 'moderator'] as const)
    await assert.rejects(saveSettings(await person('eve', { siteRole }), form), refusedWith(404))
})

test('a shorter time first says how many messages it would delete, and deletes them once the operator is sure', async () => {
  const { ada: friend, id } = await friends()
  await say(friend, id)
  const inConversation = eq(messages.conversationId, id)
  await database().update(messages).set({ createdAt: sql`now() - interval '9 days'` }).where(inConversation)
  await say(friend, id)
  const asked = await save({ keepDirect: '7', siteName: 'Tea' })
  assert.deepEqual([asked?.count, asked?.isAtLeast], [1, false])
  const settings = await readSettings()
  assert.deepEqual([settings.keepDirect, settings.siteName], [null, 'Parley'])
  assert.ok(await save({ keepDirect: '6' }, asked?.sureOf), 'the operator was not asked about this time')
  assert.equal(await save({ keepDirect: '7' }, asked?.sureOf), undefined)
  await eventually(async () => (await database().$count(messages, inConversation)) === 1)
  const [entry] = await database()
    .select({ details: auditLog.details })
    .from(auditLog)
    .where(eq(auditLog.actorId, ada.id))
    .orderBy(desc(auditLog.at))
    .limit(1)
  assert.deepEqual(entry?.details, { setting: 'keepDirect', from: null, to: 7 })
  assert.equal(await save({ keepDirect: '8' }), undefined, 'a longer time needs no question')
  assert.equal(await save({}), undefined)
  await startJobs()
})
