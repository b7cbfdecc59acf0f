import { expect, test } from './people'
import { makeConversation } from './seed'

test('every icon that a page and the manifest name is there, in its size', async ({ page, request }) => {
  await page.goto('/')
  const links = await page.locator('link[rel~="icon"], link[rel="apple-touch-icon"]').all()
  const linked = await Promise.all(links.map((link) => link.getAttribute('href')))
  const manifestPath = await page.locator('link[rel="manifest"]').getAttribute('href')
  const manifest = await request.get(String(manifestPath))
  expect(manifest.headers()['content-type']).toContain('application/manifest+json')
  const { name, icons }: { name: string; icons: { src: string; sizes: string }[] } = await manifest.json()
  expect(name).toBe('Parley')
  const sizes = new Map(icons.map(({ src, sizes }) => [src, sizes]))
  for (const path of [...linked, ...sizes.keys()]) {
    const found = await page.evaluate(async (path) => {
      const image = new Image()
      image.src = path
      await image.decode()
      return `${image.naturalWidth}x${image.naturalHeight}`
    }, String(path))
    const expected = sizes.get(String(path))
    if (expected && expected !== 'any') expect(found, String(path)).toBe(expected)
  }
})

test('the preview of a shared link says what Parley is, and nothing about the page', async ({
  person,
  request,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, 1)
  for (const path of ['/', `/c/${id}`, '/room/secret-plans']) {
    const html = await (await request.get(path)).text()
    const [head = ''] = html.split('</head>')
    expect(head).toContain('<meta property="og:title" content="Parley"')
    expect(head).toContain('<meta property="og:description" content="A chat site for your people')
    for (const secret of ['secret', ada.username, bob.username, 'message 1'])
      expect(head).not.toContain(secret)
  }
})

test('crawlers are asked to stay out of signed-in pages', async ({ request }) => {
  const rules = await (await request.get('/robots.txt')).text()
  for (const path of ['/c/', '/room', '/people', '/invitations', '/settings', '/api/'])
    expect(rules).toContain(`Disallow: ${path}\n`)
})
