import type { Locator } from '@playwright/test'
import { withKillableSite, withShortStreams } from './other-site'
import { expect, test, twoTalking, uniqueEnding } from './people'

// Ada and bob have no JavaScript here, so new messages come through the live frame.
test.use({ javaScriptEnabled: false })

test('messages appear as they are sent, with the newest in view', async ({ person }) => {
  const { ada, bob } = await twoTalking(person, 2)
  const loads = ada.countsLoads()
  const bodies = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`)
  for (const [index, body] of bodies.entries()) {
    await bob.says(body)
    const seen = ada.liveMessages.filter({ has: ada.live.getByText(body, { exact: true }) })
    await expect(seen).toBeInViewport()
    await expect(ada.liveMessages).toHaveCount(index + 1)
  }
  await expect(ada.liveMessages.first()).not.toBeInViewport()
  await expect(ada.composer).toBeInViewport()
  expect(loads()).toBe(0)
})

test('messages of a room appear as they are sent', async ({ person }) => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const room = `Tea-${uniqueEnding()}`
  for (const one of [ada, bob]) await one.joins(room)
  await bob.says('hello room')
  await expect(ada.liveMessages).toContainText(['hello room'])
  await expect(ada.liveMessages).toContainText([bob.name])
})

test('a streamed message looks like a message of the page', async ({ person }) => {
  const { ada, bob } = await twoTalking(person, 2)
  await bob.says('look at me')
  const [onPage, live] = [ada.stored('message 2').getByText('message 2'), ada.live.getByText('look at me')]
  await expect(live).toBeVisible()
  expect(await lookOf(live)).toEqual(await lookOf(onPage))
  expect((await lookOf(live)).borderTopLeftRadius).not.toBe('0px')
})

const lookOf = (element: Locator) =>
  element.evaluate((node) => {
    const { color, backgroundColor, borderTopLeftRadius, fontFamily, fontSize, padding } =
      getComputedStyle(node)
    // As pixels, because the two stylesheets may write the same colour in different ways.
    const pixelOf = (fillStyle: string) => {
      const canvas = document.createElement('canvas').getContext('2d')
      if (!canvas) throw new Error('There is no canvas.')
      canvas.fillStyle = fillStyle
      canvas.fillRect(0, 0, 1, 1)
      return [...canvas.getImageData(0, 0, 1, 1).data]
    }
    const colours = [color, backgroundColor].map(pixelOf)
    return { colours, borderTopLeftRadius, fontFamily, fontSize, padding }
  })

test('a streamed message is never markup', async ({ person }) => {
  const { ada, bob } = await twoTalking(person, 2)
  const hostile = '</li></ol><b>bold</b><script>document.title = "x"</script><!-- "\'&amp;'
  await bob.says(hostile)
  await bob.says('see https://example.org/a?b=1, <i>all</i>')
  await expect(ada.liveMessages).toHaveCount(2)
  await expect(ada.live.getByText(hostile, { exact: true })).toBeVisible()
  await expect(ada.live.locator('b, i, script')).toHaveCount(0)
  const link = ada.live.getByRole('link', { name: 'https://example.org/a?b=1', exact: true })
  await expect(link).toHaveAttribute('href', 'https://example.org/a?b=1')
})

test('new messages do not disturb typing', async ({ person }) => {
  const { ada, bob } = await twoTalking(person, 2)
  await expect(ada.composer).toBeFocused()
  let typed = ''
  for (const body of ['one', 'two', 'three']) {
    await ada.page.keyboard.type(`while ${body} `)
    typed += `while ${body} `
    await bob.says(body)
    await expect(ada.live.getByText(body, { exact: true })).toBeVisible()
    await expect(ada.composer).toBeFocused()
    await expect(ada.composer).toHaveValue(typed)
  }
})

test('after sending, the form is empty and has the focus', async ({ person }) => {
  const { ada, bob } = await twoTalking(person, 2)
  await bob.says('before')
  await expect(ada.live.getByText('before', { exact: true })).toBeVisible()
  for (const body of ['first', 'second']) {
    await expect(ada.composer).toBeFocused()
    await ada.page.keyboard.type(body)
    await ada.presses('Send')
    await ada.sees(body)
    await expect(ada.composer).toHaveValue('')
    await expect(ada.composer).toBeFocused()
    await expect(bob.live.getByText(body, { exact: true })).toBeVisible()
  }
  // Messages that the page shows are not streamed again.
  await ada.seesAll(['message 1', 'message 2', 'before', 'first', 'second'])
  await expect(ada.live.getByText('New messages appear here')).toBeVisible()
  await expect(ada.liveMessages).toHaveCount(0)
  await bob.says('after')
  await expect(ada.liveMessages).toHaveText([/after/])
})

test('the refresh link loads the new messages into the page', async ({ person }) => {
  const { ada, bob, id } = await twoTalking(person, 2)
  await bob.says('not yet on the page')
  await expect(ada.stored('not yet on the page')).toHaveCount(0)
  await ada.page.getByRole('link', { name: 'Refresh' }).click()
  await ada.isAt(`/c/${id}`)
  await ada.sees('not yet on the page')
})

withShortStreams(
  'a stream that ends continues after its last message, with nothing missed',
  async ({ person }) => {
    const { ada, bob } = await twoTalking(person, 2)
    const loads = ada.countsLoads()
    const bodies: string[] = []
    while (loads() < 2) {
      const body = `line ${bodies.length + 1}`
      await bob.says(body)
      bodies.push(body)
    }
    await ada.page.keyboard.type('undisturbed')
    await expect(ada.liveMessages).toHaveText(bodies.map((body) => new RegExp(`${body}$`)))
    await expect(ada.composer).toHaveValue('undisturbed')
  },
)

withKillableSite(
  'after the site was killed, new messages appear again by themselves',
  async ({ person, site }) => {
    const { ada, bob, id } = await twoTalking(person, 2)
    await bob.says('before')
    await expect(ada.live.getByText('before', { exact: true })).toBeVisible()
    await ada.page.keyboard.type('undisturbed')
    for (const one of [ada, bob]) one.expectsErrors(/ERR_CONNECTION_(RESET|REFUSED)/)
    site.kill()
    const answers = () =>
      bob.context.request.get('/api/health').then(
        (answer) => answer.ok(),
        () => false,
      )
    await expect.poll(answers).toBe(false)
    await expect.poll(answers, { timeout: 20_000 }).toBe(true)
    await bob.page.goto(`/c/${id}`)
    await bob.says('after')
    await expect(ada.live.getByText('after', { exact: true })).toBeVisible({ timeout: 20_000 })
    await expect(ada.liveMessages).toHaveText([/before$/, /after$/])
    await expect(ada.composer).toHaveValue('undisturbed')
  },
)
