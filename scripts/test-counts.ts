export interface Counts {
  passed: number
  failed: number
  skipped: number
}

export const noTests: Counts = { passed: 0, failed: 0, skipped: 0 }

/** A check that counts as one test, such as the type checker. */
export const countCheck = (ok: boolean): Counts => ({ ...noTests, [ok ? 'passed' : 'failed']: 1 })

export const addCounts = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/** The totals at the end of a TAP report by Node.js's test runner. */
export function countTap(tap: string): Counts {
  const total = (name: string) =>
    Number([...tap.matchAll(new RegExp(`^# ${name} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0)
  return {
    passed: total('pass'),
    failed: total('fail') + total('cancelled'),
    skipped: total('skipped') + total('todo'),
  }
}

/** The totals in Playwright's JSON report. A test that passed at its second try counts as passed. */
export function countPlaywright(report: string): Counts {
  const { stats } = JSON.parse(report)
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }
}

/** The last line of `npm test`. */
export const summary = ({ passed, failed, skipped }: Counts) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`
