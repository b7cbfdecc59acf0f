import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { switchToOwnDatabase } from '@/testing/databases'
import {
  friends,
  groupOf,
  makeGroup,
  people,
  person,
  say,
  type TestPerson,
  unique,
  unknownId,
} from '@/testing/people'
import type { Refusal } from './errors'
import { listMessages } from './history'
import { deleteMessage, editMessage } from './message-changes'
import { listReports } from './report-pages'
import {
  closeReport,
  deleteReported,
  listOwnReports,
  previewReport,
  removeOldReports,
  reportMessage,
} from './reports'
import { joinRoom } from './rooms'

const spam = { reason: 'spam' }
const withStatus = (status: number) => (error: Refusal) => error.status === status
const bodies = (copy: { body: string }[]) => copy.map(({ body }) => body)
const preview = async (...asked: Parameters<typeof previewReport>) =>
  bodies((await previewReport(...asked)).copy)
const latest = async (mod: TestPerson) => {
  const [report] = (await listReports(mod)).reports
  assert.ok(report)
  return report
}

let mod: TestPerson
before(async () => {
  await switchToOwnDatabase()
  const { ada, bob, id } = await friends()
  await say(ada, id)
  await assert.rejects(reportMessage(bob, id, 1, spam), withStatus(403), 'without moderators')
  mod = await person('mod', { siteRole: 'moderator' })
})

describe('a report', () => {
  test('of a private message has up to five before it, as they were, whatever happens to them later', async () => {
    const { ada, bob, id } = await friends()
    for (let seq = 1; seq <= 9; seq++) await say(ada, id, `number ${seq}`)
    await deleteMessage(ada, id, 5)
    await editMessage(ada, id, 8, { body: 'number 8, changed' })
    const passedOn = ['number 2', 'number 3', 'number 4', 'number 6', 'number 7', 'number 8, changed']
    assert.deepEqual(await preview(bob, id, 8), passedOn)
    const { report, isNew } = await reportMessage(bob, id, 8, { ...spam, note: ' Look. ' })
    assert.ok(isNew)
    assert.equal(report.note, 'Look.')
    await deleteMessage(ada, id, 8)
    const { copy, reporter, reported, reason, note, isOpen, isThere } = await latest(mod)
    assert.deepEqual(bodies(copy), passedOn)
    assert.deepEqual([reporter.id, reported.id, reason, note], [bob.id, ada.id, 'spam', 'Look.'])
    assert.deepEqual([isOpen, isThere], [true, false])
  })

  test('of a message in a room has no other messages, and in a group no notices', async () => {
    const [ada, bob] = await people('ada', 'bob')
    const room = await joinRoom(ada, { name: `room-${unique()}` })
    await joinRoom(bob, room)
    await say(bob, room.id, 'before')
    await say(ada, room.id, 'in a room')
    assert.deepEqual(await preview(bob, room.id, 2), ['in a room'])
    const { id, owner, members } = await groupOf('ada', 'bob')
    await say(owner, id, 'one')
    await database().execute(sql`insert into notices values (${id}, 1, 1)`)
    await say(owner, id, 'two')
    assert.deepEqual(await preview(members[0] ?? owner, id, 2), ['two'])
    await assert.rejects(previewReport(members[0] ?? owner, id, 1), withStatus(403))
  })

  test('is made once, and the first one stays', async () => {
    const { ada, bob, id } = await friends()
    await say(ada, id)
    const results = await Promise.all(
      ['spam', 'abuse', 'other'].map((reason) => reportMessage(bob, id, 1, { reason })),
    )
    assert.equal(results.filter(({ isNew }) => isNew).length, 1)
    assert.equal(new Set(results.map(({ report }) => report.id)).size, 1)
    await deleteMessage(ada, id, 1)
    assert.equal((await reportMessage(bob, id, 1, spam)).isNew, false)
  })

  test('needs membership, a message of somebody else that is there, and a reason', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['one', 'two']) await say(ada, id, body)
    await deleteMessage(ada, id, 2)
    const cyd = await person('cyd')
    const cases: [by: TestPerson, id: string, seq: number, input: unknown, status: number][] = [
      [cyd, id, 1, spam, 404],
      [mod, id, 1, spam, 404],
      [bob, unknownId, 1, spam, 404],
      [bob, 'x', 1, spam, 404],
      [bob, id, 3, spam, 404],
      [bob, id, 0, spam, 404],
      [ada, id, 1, spam, 403],
      [bob, id, 2, spam, 410],
      [bob, id, 1, {}, 422],
      [bob, id, 1, { reason: 'x' }, 422],
      [bob, id, 1, { ...spam, note: 'x'.repeat(501) }, 422],
    ]
    for (const [by, conversationId, seq, input, status] of cases)
      await assert.rejects(reportMessage(by, conversationId, seq, input), withStatus(status))
    const [{ count } = { count: -1 }] = await database().execute<{ count: number }>(
      sql`select count(*)::int from reports where conversation_id = ${id}`,
    )
    assert.equal(count, 0)
  })

  test('may block the sender', async () => {
    const { ada, bob, id } = await friends()
    await say(ada, id)
    await reportMessage(bob, id, 1, { ...spam, block: 'true' })
    await assert.rejects(say(ada, id), withStatus(403))
  })
})

describe('moderators', () => {
  test('close a report once, also at the same moment, and the reporter sees it', async () => {
    const [other, { ada, bob, id }] = await Promise.all([person('mod', { siteRole: 'moderator' }), friends()])
    await say(ada, id)
    const { report } = await reportMessage(bob, id, 1, spam)
    assert.deepEqual(
      (await listOwnReports(bob)).map(({ isLookedAt, sender }) => [isLookedAt, sender]),
      [[false, ada.name]],
    )
    await Promise.all([mod, other, mod].map((by) => closeReport(by, report.id)))
    const entries = await database().execute(
      sql`select from audit_log where details ->> 'report' = ${report.id}`,
    )
    assert.equal(entries.length, 1)
    assert.deepEqual(
      (await listOwnReports(bob)).map(({ isLookedAt }) => isLookedAt),
      [true],
    )
    assert.deepEqual(await listOwnReports(ada), [])
  })

  test('delete the reported message of a conversation that they are not in, and no other', async () => {
    const [ada, bob] = await people('ada', 'bob')
    const id = await makeGroup(ada, bob)
    for (const body of ['one', 'two']) await say(ada, id, body)
    const { report } = await reportMessage(bob, id, 2, spam)
    await assert.rejects(deleteMessage(mod, id, 2), withStatus(404))
    await deleteReported(mod, report.id)
    await deleteReported(mod, report.id)
    const { messages } = await listMessages(bob, id)
    assert.deepEqual(
      messages.map(({ deletedAt }) => deletedAt !== null),
      [false, true],
    )
    const entries = await database().execute(
      sql`select action from audit_log where target_id = ${ada.id} and actor_id = ${mod.id}`,
    )
    assert.deepEqual([...entries], [{ action: 'message-deleted' }])
  })

  test('are the only ones who see and handle reports', async () => {
    const { ada, bob, id } = await friends()
    await say(ada, id)
    const { report } = await reportMessage(bob, id, 1, spam)
    for (const by of [ada, bob]) {
      await assert.rejects(listReports(by), withStatus(404))
      await assert.rejects(closeReport(by, report.id), withStatus(404))
      await assert.rejects(deleteReported(by, report.id), withStatus(404))
    }
    for (const unknown of ['x', unknownId]) await assert.rejects(closeReport(mod, unknown), withStatus(404))
  })

  test('do not close reports about themselves, but an operator does', async () => {
    for (const [siteRole, isClosed] of [
      ['moderator', false],
      ['operator', true],
    ] as const) {
      const [ada, bob] = await Promise.all([person('ada', { siteRole }), person('bob')])
      const id = await makeGroup(ada, bob)
      await say(ada, id)
      const { report } = await reportMessage(bob, id, 1, spam)
      const closing = closeReport(ada, report.id)
      if (!isClosed) await assert.rejects(closing, withStatus(403))
      await closing.catch(() => {})
      assert.deepEqual(
        (await listOwnReports(bob)).map(({ isLookedAt }) => isLookedAt),
        [isClosed],
      )
    }
  })

  test('see open reports before closed ones, in pages of 50', async () => {
    const { ada, bob, id } = await friends()
    await database().execute(sql`
      insert into reports (reporter_id, reported_id, conversation_id, seq, reason, copy, created_at, closed_at)
      select ${bob.id}, ${ada.id}, ${id}, number, 'spam', '[]', now() - number * interval '1 minute',
        case when number % 2 = 0 then now() - number * interval '1 second' end
      from generate_series(1, 130) as number`)
    const seen: { id: string; isOpen: boolean }[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page = await listReports(mod, cursor)
      assert.ok(page.reports.length <= 50)
      seen.push(...page.reports)
      cursor = page.next
    }
    assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length)
    const [all] = await database().execute<{ count: number }>(sql`select count(*)::int from reports`)
    assert.equal(seen.length, all?.count)
    assert.equal(
      seen
        .map(({ isOpen }) => Number(isOpen))
        .join('')
        .replace(/1+0+/, ''),
      '',
    )
    assert.equal((await listReports(mod, "x' or 1=1")).reports[0]?.id, seen[0]?.id)
  })
})

test('a report goes 90 days after it was closed, and an open one stays', async () => {
  const { ada, bob, id } = await friends()
  await database().execute(sql`
    insert into reports (reporter_id, reported_id, conversation_id, seq, reason, copy, created_at, closed_at)
    select ${bob.id}, ${ada.id}, ${id}, number, 'spam', '[]', now() - interval '200 days',
      case number when 1 then now() - interval '91 days' when 2 then now() - interval '89 days' end
    from generate_series(1, 3) as number`)
  await removeOldReports()
  const left = await database().execute<{ seq: string }>(
    sql`select seq::text from reports where conversation_id = ${id} order by seq`,
  )
  assert.deepEqual(
    left.map(({ seq }) => seq),
    ['2', '3'],
  )
})
