import type { Browser, Frame, Page } from '@playwright/test'
import { newPage, openBrowser } from '../chromium'
import type { ShownMessage } from './check'
import type { Address, Client } from './clients'
import type { Participant, Target } from './participants'
import type { Setup } from './setup'

/** After this time without a new message, a page without JavaScript is reloaded. */
const patienceMs = 4000
const unsent = 'still being written'

/** Pages in a real browser: with JavaScript, one of them with an unsent text, and without. */
export async function openPages({ address, people, targets }: Setup): Promise<Client[]> {
  const browser = await openBrowser()
  const { ada, bob, cyd, dan } = people
  const { busy, quiet, busyRoom, quietRoom } = targets
  const open = (person: Participant, target: Target, javaScriptEnabled: boolean) =>
    openPage(browser, address, person, target, javaScriptEnabled)
  return Promise.all([
    open(bob, busy, true).then(pageClient),
    open(ada, quiet, true).then(pageClient),
    open(ada, busyRoom, true).then(writingPageClient),
    open(ada, busy, false).then(livePageClient),
    open(dan, quietRoom, false).then(livePageClient),
    open(cyd, quiet, false).then(livePageClient),
  ])
}

type OpenPage = { page: Page; address: string; person: Participant; target: Target }

async function openPage(
  browser: Browser,
  { url }: Address,
  person: Participant,
  target: Target,
  javaScriptEnabled: boolean,
): Promise<OpenPage> {
  const page = await newPage(browser, url, person.cookie, { javaScriptEnabled })
  const address = url + (target.room ? `/room/${target.room}` : `/c/${target.id}`)
  // Without JavaScript the page never finishes loading, because its live frame does not end.
  await page.goto(address, { waitUntil: 'domcontentloaded' })
  return { page, address, person, target }
}

const pageClient = ({ page, person, target }: OpenPage): Client => ({
  name: `page of ${person.username}`,
  person,
  target,
  from: 1,
  messages: () => messagesIn(page),
  close: () => page.context().close(),
})

/** A page in which a person is writing. It counts as showing a wrong message if the text is lost. */
async function writingPageClient(opened: OpenPage): Promise<Client> {
  const composer = opened.page.getByRole('textbox', { name: 'Message' })
  await composer.pressSequentially(unsent)
  const { messages, ...client } = pageClient(opened)
  return {
    ...client,
    name: `${client.name} with an unsent text`,
    messages: async () => {
      if ((await composer.inputValue()) !== unsent) return [{ seq: 0, body: 'The unsent text is lost.' }]
      // The person keeps typing.
      await composer.press('Space')
      await composer.press('Backspace')
      return messages()
    },
  }
}

/** A page without JavaScript: its own messages, and those in its live frame. */
function livePageClient(opened: OpenPage): Client {
  const { page, address } = opened
  let newest = 0
  let since = Date.now()
  return {
    ...pageClient(opened),
    name: `page of ${opened.person.username} without JavaScript`,
    // A reloaded page shows only the newest messages.
    from: undefined,
    messages: async () => {
      // An interrupted frame reloads after 10 s. The page has a link to do it at once, which is followed here.
      // A change is a line with a link that loads the page again.
      const hasChanged = await page.frames().at(-1)?.locator('a[target=_top]').count()
      if (hasChanged || Date.now() - since > patienceMs) {
        since = Date.now()
        await page.goto(address, { waitUntil: 'domcontentloaded' })
      }
      const messages = (await Promise.all(page.frames().map(messagesIn))).flat()
      const last = messages.at(-1)?.seq ?? 0
      if (last > newest) since = Date.now()
      newest = Math.max(newest, last)
      return messages
    },
  }
}

const messagesIn = (frame: Page | Frame): Promise<ShownMessage[]> =>
  frame.locator('ol > li[data-seq]:has(.whitespace-pre-wrap)').evaluateAll((items) =>
    items.map((item) => {
      const bubble = item.querySelector('.whitespace-pre-wrap')
      const reactions = [...item.querySelectorAll('[data-emoji]')].map((one) => {
        const [count] = /\d+/.exec(one.querySelector('[aria-hidden]')?.textContent ?? '') ?? ['1']
        return `${one.getAttribute('data-emoji')}${count}`
      })
      return {
        seq: Number(item.getAttribute('data-seq')),
        // An edited message has more in it than its text.
        body: (bubble?.querySelector(':scope > div') ?? bubble)?.textContent ?? '',
        reactions: reactions.sort().join(' '),
      }
    }),
  )
