import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const { Bucket } = createRequire(import.meta.url)('./bucket.cjs')

test('a bucket allows a number at once, and then a number per second', () => {
  const bucket = new Bucket({ atOnce: 3, perSecond: 2 }, 0)
  const takes = (times: number, now: number) => Array.from({ length: times }, () => bucket.take(now))
  assert.deepEqual(takes(4, 0), [true, true, true, false])
  assert.deepEqual(takes(2, 500), [true, false])
  assert.deepEqual(takes(4, 60_000), [true, true, true, false])
})
