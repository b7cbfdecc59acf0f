import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from '@playwright/test'
import { newPage, openBrowser } from '../chromium'
import type { Bench } from './context'
import { cpuTimeOfTree } from './processes'
import type { Contender } from './servers'
import { median, percentile, spread } from './statistics'
import { watchTraffic } from './traffic'

/** What open pages cost: first one page, then many. */
export async function measureOpenPages(bench: Bench) {
  const browser = await openBrowser()
  for (const contender of bench.servers.contenders.filter(({ way }) => way.kind === 'API')) {
    const prefix = contender.way.name.replace('API', '')
    await bench.clients.run('open', contender)
    await measureOne(bench, contender, prefix, browser)
    await measureMany(bench, contender, prefix, browser)
  }
  await browser.close()
}

/** The traffic of a page that receives twenty messages, while it is visible and while it is hidden. */
async function measureOne(
  { clients, report, isQuick }: Bench,
  { way, pairs }: Contender,
  prefix: string,
  browser: Browser,
) {
  const pair = pairs.at(-1)
  if (!pair) throw new Error('There is no pair.')
  const seconds = isQuick ? 5 : 10
  const page = await openConversation(browser, way.url, pair.conversationId, pair.receiver.cookie)
  const traffic = await watchTraffic(page)
  const receive = async () => {
    await sleep(3000)
    traffic()
    await clients.run('load', { way, pairs: [pair], rate: 20 / seconds, seconds })
    await sleep(2000)
    return traffic()
  }
  const visible = await receive()
  await hide(page)
  const hidden = await receive()
  await page.context().close()
  report.table(
    `${prefix}An open page receives 20 messages in ${seconds} s`,
    ['requests', 'kB', 'renders', 'WebSocket frames', 'their kB'],
    Object.entries({ visible, 'in the background': hidden }).map(([name, it]) => [
      name,
      String(it.requests),
      (it.bytes / 1000).toFixed(1),
      String(it.renders),
      String(it.frames),
      (it.frameBytes / 1000).toFixed(1),
    ]),
  )
  for (const [address, count] of Object.entries(countAll([...visible.addresses, ...hidden.addresses])))
    console.log(`  ${count} × ${address}`)
  if (prefix) return
  report.aim('Open page: requests', visible.requests, 14, 0)
  report.aim('Open page: kB', visible.bytes / 1000, 12, 1)
  report.aim('Open page: renders', visible.renders, 0, 0)
  report.aim('Page in the background: requests', hidden.requests, 0, 0)
}

/** The servers' CPU time for each message, without and with many open pages. */
async function measureMany(
  { clients, report, rounds, isQuick }: Bench,
  { way, pairs, pids }: Contender,
  prefix: string,
  browser: Browser,
) {
  const conversations = pairs.slice(0, isQuick ? 5 : 20)
  const load = { way, pairs: conversations, rate: 20, seconds: isQuick ? 4 : 10 }
  const measure = async () => {
    const before = cpuTimeOfTree(...pids.all)
    const { times, stored } = await clients.run('load', load)
    return { cpu: (cpuTimeOfTree(...pids.all) - before) / stored, p50: percentile(times, 0.5) }
  }
  const without: Awaited<ReturnType<typeof measure>>[] = []
  for (let round = 0; round < rounds; round++) without.push(await measure())
  const open: Page[] = []
  for (const { conversationId, sender, receiver } of conversations)
    for (const { cookie } of [sender, receiver])
      open.push(await openConversation(browser, way.url, conversationId, cookie))
  await sleep(3000)
  const withPages: typeof without = []
  for (let round = 0; round < rounds; round++) withPages.push(await measure())
  for (const page of open) await page.context().close()
  const cpu = (list: typeof without) => list.map(({ cpu }) => cpu)
  report.table(
    `${prefix}Pages open in ${conversations.length} conversations, ${load.rate} messages a second`,
    ['CPU ms a message', 'spread', 'p50 ms'],
    Object.entries({ 'no page': without, [`${open.length} pages`]: withPages }).map(([name, list]) => [
      name,
      median(cpu(list)).toFixed(1),
      spread(cpu(list), 1),
      median(list.map(({ p50 }) => p50)).toFixed(1),
    ]),
  )
  if (!prefix)
    report.aim(
      `CPU of a message with ${open.length} open pages ÷ with none`,
      median(cpu(withPages)) / median(cpu(without)),
      1.5,
    )
}

function countAll(texts: string[]) {
  const counts: Record<string, number> = {}
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1
  return counts
}

async function openConversation(browser: Browser, url: string, id: string, cookie: string) {
  const page = await newPage(browser, url, cookie)
  await page.goto(`${url}/c/${id}`, { waitUntil: 'load' })
  return page
}

/**
 * Makes the page believe that it is hidden, because Playwright keeps every page visible. The code is a text, because
 * the loader would transform a function.
 */
const hide = (page: Page) =>
  page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
    Object.defineProperty(document, 'hidden', { get: () => true })
    document.dispatchEvent(new Event('visibilitychange'))`)
