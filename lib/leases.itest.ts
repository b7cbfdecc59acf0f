import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '@/testing/eventually'
import { unique } from '@/testing/people'
import { takeLease } from './leases'

test('one of several instances takes a lease, until its interval is over', async () => {
  const name = `test ${unique()}`
  const taken = await Promise.all(Array.from({ length: 5 }, () => takeLease(name, 2000)))
  assert.equal(taken.filter(Boolean).length, 1)
  const began = performance.now()
  await eventually(() => takeLease(name, 2000))
  assert.ok(performance.now() - began > 1000)
  assert.equal(await takeLease(`test ${unique()}`, 2000), true)
})
