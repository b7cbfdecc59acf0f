import assert from 'node:assert/strict'
import { test } from 'node:test'
import { userChannel } from '@/lib/realtime/channels'
import { closeReport, countOpenReports } from '@/lib/reports'
import { eventually } from '@/testing/eventually'
import { friends, person, say } from '@/testing/people'
import { connect } from '@/testing/sockets'

test('a message is reported once, and moderators learn at once how many reports are open', async () => {
  const [mod, { ada, bob, id }] = await Promise.all([person('mod', { siteRole: 'moderator' }), friends()])
  await say(ada, id)
  const sockets = await Promise.all(
    [mod, ada, bob].map(async (user) => {
      const socket = await connect(user)
      await socket.subscribe(userChannel(user.id))
      return socket
    }),
  )
  const report = () =>
    bob.request(`/api/conversations/${id}/messages/1/report`, { body: { reason: 'abuse', note: 'Look.' } })
  const first = await report()
  assert.equal(first.status, 201)
  const { id: reportId, createdAt, ...rest } = first.body
  assert.ok(Date.parse(createdAt))
  assert.deepEqual(rest, { conversationId: id, seq: 1, reason: 'abuse', note: 'Look.', isLookedAt: false })
  const again = await report()
  assert.deepEqual([again.status, again.body], [200, first.body])
  await closeReport(mod, reportId)
  assert.equal((await report()).body.isLookedAt, true)
  const openIn = (name: string) =>
    sockets.map(({ received }) => received.filter(({ event }) => event === name).map(({ data }) => data.open))
  await eventually(() => openIn('report.closed')[0]?.length === 1)
  const [created] = openIn('report.created')[0] ?? []
  assert.ok(Number(created) > 0)
  assert.deepEqual(openIn('report.created').slice(1), [[], []])
  assert.deepEqual(openIn('report.closed'), [[await countOpenReports()], [], []])
})
