import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import type { RunOptions } from 'axe-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const options: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}

/** What axe finds on the page as it is now, a line for each element. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Not as a script element, which the page's own policy forbids.
  await page.evaluate(`window.axe ??= (() => { ${source}; return window.axe })()`)
  const { violations } = await page.evaluate((options) => window.axe.run(options), options)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  )
}

declare global {
  interface Window {
    axe: typeof import('axe-core')
  }
}
