import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Status } from '@/lib/views'
import { laterStatus } from './events'

const id = '1'
const early = '2026-01-31T09:05:00.000Z'
const late = '2026-01-31T09:05:00.001Z'
const inOrder: Status[] = [
  { id, status: 'offline', lastSeenAt: null },
  { id, status: 'online', lastSeenAt: early },
  { id, status: 'offline', lastSeenAt: early },
  { id, status: 'online', lastSeenAt: late },
  { id, status: 'offline', lastSeenAt: late },
]

test('of two statuses the later one is kept, in whatever order they arrive', () => {
  for (const [index, later] of inOrder.entries())
    for (const earlier of inOrder.slice(0, index)) {
      assert.equal(laterStatus(later, earlier), later)
      assert.equal(laterStatus(earlier, later), later)
    }
})
