import type { Page } from '@playwright/test'

/** Counts what a page transfers from now on. @returns a function for the traffic since its last call */
export async function watchTraffic(page: Page) {
  const none = { requests: 0, bytes: 0, renders: 0, frames: 0, frameBytes: 0, addresses: [] as string[] }
  let traffic = { ...none }
  const session = await page.context().newCDPSession(page)
  session.on('Network.requestWillBeSent', ({ request: { method, url, headers }, type }) => {
    traffic.requests++
    traffic.addresses = [...traffic.addresses, `${method} ${new URL(url).pathname}`]
    // The server renders a page for it, as HTML or as React's data.
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
