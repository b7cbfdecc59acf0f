import { type Browser, chromium, type Page } from '@playwright/test'
import { requireChromium } from '../chromium'

export const openBrowser = () =>
  chromium.launch({
    executablePath: requireChromium(console.log),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  })

/** A new page in a browser profile of its own, with somebody's cookies. */
export async function newPage(browser: Browser, url: string, cookie = '') {
  const context = await browser.newContext()
  const cookies = cookie.split('; ').filter(Boolean)
  await context.addCookies(
    cookies.map((text) => {
      const [name = '', ...value] = text.split('=')
      // For the whole site, and not only below this page.
      return { name, value: value.join('='), url: new URL(url).origin }
    }),
  )
  return context.newPage()
}

/** Counts what a page transfers from now on; the result is that since the last call. */
export async function watchTraffic(page: Page) {
  const none = { requests: 0, bytes: 0, renders: 0, frames: 0, frameBytes: 0, addresses: [] as string[] }
  let traffic = { ...none }
  const session = await page.context().newCDPSession(page)
  session.on('Network.requestWillBeSent', ({ request: { method, url, headers }, type }) => {
    traffic.requests++
    traffic.addresses = [...traffic.addresses, `${method} ${new URL(url).pathname}`]
    // The server makes a page for it: as a document, or as React's data.
    const isRender = type === 'Document' || Object.keys(headers).some((name) => /^rsc$/i.test(name))
    if (isRender) traffic.renders++
  })
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    traffic.bytes += encodedDataLength
  })
  session.on('Network.webSocketFrameReceived', ({ response }) => {
    traffic.frames++
    traffic.frameBytes += Buffer.byteLength(response.payloadData)
  })
  await session.send('Network.enable')
  return () => {
    const seen = traffic
    traffic = { ...none }
    return seen
  }
}
