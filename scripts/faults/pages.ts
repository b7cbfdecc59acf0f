import { type Browser, chromium, type Frame, type Page } from '@playwright/test'
import { requireChromium } from '../chromium'
import type { Line } from './check'
import type { Address, Client } from './clients'
import type { Place, Somebody } from './people'
import type { Scene } from './trial'

const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
/** After so long without a new message somebody without JavaScript looks again. */
const patienceMs = 4000
const unsent = 'still being written'

/** Pages in a real browser: with JavaScript, one of them with something being written, and without. */
export async function openPages({ address, people, places }: Scene): Promise<Client[]> {
  const browser = await chromium.launch({ executablePath: requireChromium(console.log), args })
  const { ada, bob, dan } = people
  const { busy, quiet, tea, still } = places
  const open = (person: Somebody, place: Place, javaScriptEnabled: boolean) =>
    openPage(browser, address, person, place, javaScriptEnabled)
  return Promise.all([
    open(bob, busy, true).then(watch),
    open(ada, quiet, true).then(watch),
    open(ada, tea, true).then(write),
    open(ada, busy, false).then(watchLive),
    open(dan, still, false).then(watchLive),
  ])
}

type Opened = { page: Page; address: string; person: Somebody; place: Place }

async function openPage(
  browser: Browser,
  { url }: Address,
  person: Somebody,
  place: Place,
  javaScriptEnabled: boolean,
): Promise<Opened> {
  const context = await browser.newContext({ javaScriptEnabled })
  const [name = '', value = ''] = person.cookie.split('=')
  await context.addCookies([{ name, value, url }])
  const page = await context.newPage()
  const address = url + (place.room ? `/room/${place.room}` : `/c/${place.id}`)
  // Without JavaScript the page never has loaded: the live frame in it does not end.
  await page.goto(address, { waitUntil: 'domcontentloaded' })
  return { page, address, person, place }
}

const watch = ({ page, person, place }: Opened): Client => ({
  name: `page of ${person.username}`,
  place,
  from: 1,
  lines: () => linesIn(page),
  close: () => page.context().close(),
})

/** A page that also holds a text nobody has sent; without it, it shows nothing of worth. */
async function write(opened: Opened): Promise<Client> {
  const composer = opened.page.getByRole('textbox', { name: 'Message' })
  await composer.pressSequentially(unsent)
  const { lines, ...client } = watch(opened)
  return {
    ...client,
    name: `${client.name} who writes`,
    lines: async () => {
      if ((await composer.inputValue()) !== unsent) return [{ seq: 0, body: 'What was written is gone.' }]
      // Typing goes on.
      await composer.press('Space')
      await composer.press('Backspace')
      return lines()
    },
  }
}

/** What the page held when it came, and what came since in the frame. */
function watchLive(opened: Opened): Client {
  const { page, address } = opened
  let newest = 0
  let since = Date.now()
  return {
    ...watch(opened),
    name: `page of ${opened.person.username} without JavaScript`,
    // Whoever came anew has the newest page.
    from: undefined,
    lines: async () => {
      // A frame that was cut off loads again after 10 s; the page's link does so at once, and is followed here.
      if (Date.now() - since > patienceMs) {
        since = Date.now()
        await page.goto(address, { waitUntil: 'domcontentloaded' })
      }
      const lines = (await Promise.all(page.frames().map(linesIn))).flat()
      const last = lines.at(-1)?.seq ?? 0
      if (last > newest) since = Date.now()
      newest = Math.max(newest, last)
      return lines
    },
  }
}

const linesIn = (frame: Page | Frame): Promise<Line[]> =>
  frame.locator('ol > li[data-seq]').evaluateAll((items) =>
    items.map((item) => ({
      seq: Number(item.getAttribute('data-seq')),
      body: item.querySelector('.whitespace-pre-wrap')?.textContent ?? '',
    })),
  )
