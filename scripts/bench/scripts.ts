import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Browser } from '@playwright/test'
import { newPage, openBrowser } from '../chromium'
import type { Bench } from './context'
import { watchTraffic } from './traffic'

/** What Chromium loads at the first visit of a page. */
export async function measureScripts({ servers, report, emptySite }: Bench) {
  const { url } = servers.parley
  const [pair] = servers.seeded.pairs
  const empty = await emptySite()
  const browser = await openBrowser()
  const pages = {
    'an empty page of the framework': await firstVisit(browser, empty.url),
    '/login': await firstVisit(browser, `${url}/login`),
    '/c/<id>': await firstVisit(browser, `${url}/c/${pair?.conversationId}`, pair?.sender.cookie),
  }
  await browser.close()
  const base = pages['an empty page of the framework'].scripts
  const kilobytes = (bytes: number) => bytes / 1000
  report.table(
    'First visit in Chromium',
    ['requests', 'kB', 'script files, kB gzipped', 'above empty'],
    Object.entries(pages).map(([name, { requests, bytes, scripts }]) => [
      name,
      String(requests),
      ...[bytes, scripts, scripts - base].map((bytes) => kilobytes(bytes).toFixed(1)),
    ]),
  )
  const conversation = pages['/c/<id>']
  report.aim('First visit of /c/<id>, requests', conversation.requests, 25, 0)
  report.aim('First visit of /c/<id>, kB', kilobytes(conversation.bytes), 250, 0)
  report.aim('Scripts of /login above an empty page, kB', kilobytes(pages['/login'].scripts - base), 5, 1)
  report.aim('Scripts of /c/<id> above an empty page, kB', kilobytes(conversation.scripts - base), 40, 1)
}

/** Waits also for scripts that are requested later. The size of each is counted gzipped (level 9). */
async function firstVisit(browser: Browser, url: string, cookie?: string) {
  const page = await newPage(browser, url, cookie)
  const scripts = new Map<string, Promise<Buffer>>()
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script')
      scripts.set(basename(new URL(response.url()).pathname), response.body())
  })
  const traffic = await watchTraffic(page)
  await page.goto(url, { waitUntil: 'networkidle' })
  await sleep(1000)
  const bodies = await Promise.all(scripts.values())
  const { requests, bytes } = traffic()
  await page.context().close()
  return {
    requests,
    bytes,
    scripts: bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0),
  }
}
