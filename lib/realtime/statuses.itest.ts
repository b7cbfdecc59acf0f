import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Status } from '@/lib/views'
import { eventually } from '@/testing/eventually'
import { person } from '@/testing/people'
import { connect } from '@/testing/sockets'
import { peopleChannel } from './channels'
import type { Events } from './events'
import { publishStatuses } from './statuses'

const lastSeenAt = new Date().toISOString()

test('statuses are published once a second, 200 people at a time, with the latest of each person', async () => {
  const eve = await person('eve')
  const socket = await connect(eve)
  await socket.subscribe(peopleChannel)
  const ids: string[] = Array.from({ length: 450 }, () => randomUUID())
  const online: Status[] = ids.map((id) => ({ id, status: 'online', lastSeenAt }))
  publishStatuses(online)
  publishStatuses(online.map((one) => ({ ...one, status: 'offline' })))
  publishStatuses(online)
  const began = Date.now()
  // The site publishes statuses as well.
  const ours = () =>
    socket.received
      .map(({ data }) => (data as Events['status.changed']).people.filter(({ id }) => ids.includes(id)))
      .filter(({ length }) => length)
  await eventually(() => ours().flat().length >= 450, 15_000)
  assert.ok(Date.now() - began > 1900, 'two seconds for two more events')
  assert.deepEqual(
    ours().map(({ length }) => length),
    [200, 200, 50],
  )
  const later = ours().flat()
  assert.equal(new Set(later.map(({ id }) => id)).size, 450)
  assert.ok(later.every(({ status }) => status === 'offline'))
})
