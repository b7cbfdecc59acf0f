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

test('reads the last totals of a TAP report, and counts cancelled tests as failed', () => {
  assert.deepEqual(countTap(tap), { passed: 3, failed: 2, skipped: 2 })
})

test('an empty report counts as no tests', () => {
  assert.deepEqual(countTap(''), { passed: 0, failed: 0, skipped: 0 })
})

test("counts Playwright's flaky tests as passed", () => {
  const report = JSON.stringify({ stats: { expected: 4, flaky: 1, unexpected: 2, skipped: 3 } })
  assert.deepEqual(countPlaywright(report), { passed: 5, failed: 2, skipped: 3 })
})

test('mentions skipped tests only if there are any', () => {
  assert.equal(summary(addCounts(countCheck(true), countCheck(false))), '1 passed, 1 failed')
  assert.equal(summary({ passed: 1, failed: 0, skipped: 2 }), '1 passed, 0 failed, 2 skipped')
})
