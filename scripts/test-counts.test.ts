import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addCounts, countCheck, countPlaywright, countTap, summary } from './test-counts'

const tap = `TAP version 13
ok 1 - prints a total of its own
# pass 99
1..1
# tests 7
# suites 1
# pass 3
# fail 1
# cancelled 1
# skipped 2
# todo 0
`

test('reads the last totals of a TAP report, cancelled tests among the failed', () => {
  assert.deepEqual(countTap(tap), { passed: 3, failed: 2, skipped: 2 })
})

test('an empty report counts nothing', () => {
  assert.deepEqual(countTap(''), { passed: 0, failed: 0, skipped: 0 })
})

test("takes Playwright's flaky tests for passed", () => {
  const report = JSON.stringify({ stats: { expected: 4, flaky: 1, unexpected: 2, skipped: 3 } })
  assert.deepEqual(countPlaywright(report), { passed: 5, failed: 2, skipped: 3 })
})

test('speaks of skipped tests only where there are some', () => {
  assert.equal(summary(addCounts(countCheck(true), countCheck(false))), '1 passed, 1 failed')
  assert.equal(summary({ passed: 1, failed: 0, skipped: 2 }), '1 passed, 0 failed, 2 skipped')
})
