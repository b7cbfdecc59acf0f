import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import type { RunOptions } from 'axe-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const options: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}

/** Runs axe on the page. @returns a line for each violation */
export async function findViolations(page: Page): Promise<string[]> {
  // The page's content security policy forbids a script element.
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
