import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium } from '@playwright/test'
import { requireChromium } from '../chromium'
import { addressOf, freePort } from '../ports'
import { ask } from '../services/ask'
import { spawnNode } from '../services/node-process'

export interface Script {
  name: string
  bytes: number
}

/** Every script file that a real browser loads for these pages, gzipped; those asked for later are waited for. */
export async function measureScripts(urls: string[], cookie: string): Promise<Script[][]> {
  const browser = await chromium.launch({
    executablePath: requireChromium(console.log),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  })
  try {
    const found: Script[][] = []
    for (const url of urls) found.push(await scriptsOf(browser, url, cookie))
    return found
  } finally {
    await browser.close()
  }
}

async function scriptsOf(browser: Browser, url: string, cookie: string) {
  const context = await browser.newContext()
  const cookies = cookie.split('; ').filter(Boolean)
  await context.addCookies(
    cookies.map((text) => {
      const [name = '', ...value] = text.split('=')
      // For the whole site, and not only below this page.
      return { name, value: value.join('='), url: new URL(url).origin }
    }),
  )
  const page = await context.newPage()
  const scripts = new Map<string, Promise<Buffer>>()
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.set(response.url(), response.body())
  })
  await page.goto(url, { waitUntil: 'networkidle' })
  await sleep(1000)
  const found = await Promise.all(
    [...scripts].map(async ([url, body]) => ({
      name: basename(new URL(url).pathname),
      bytes: gzipSync(await body, { level: 9 }).length,
    })),
  )
  await context.close()
  return found
}

/** Runs `use` on a site of one page that is as empty as the framework allows. */
export async function withEmptySite<Result>(root: string, use: (url: string) => Promise<Result>) {
  // Inside the project, where the framework's packages are found.
  const folder = mkdtempSync(join(root, '.next-empty-'))
  const leave = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', leave)
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
  const next = (...args: string[]) =>
    spawnNode({ args: [join(root, 'node_modules/next/dist/bin/next'), ...args], cwd: folder, env })
  try {
    writeEmptySite(folder, root)
    await ended(next('build'))
    const port = await freePort()
    const url = addressOf('127.0.0.1', port)
    const site = next('start', '-H', '127.0.0.1', '-p', String(port))
    process.once('exit', () => site.kill('SIGKILL'))
    while (!(await ask(url, 1000))) await sleep(50)
    const result = await use(url)
    site.kill()
    return result
  } finally {
    process.off('exit', leave)
    leave()
  }
}

function writeEmptySite(folder: string, root: string) {
  mkdirSync(join(folder, 'app'))
  const files = {
    'package.json': '{"private": true, "type": "module"}',
    'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(root)} } }`,
    'app/layout.jsx':
      'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html> }',
    // Else the framework takes the project's own, further up.
    'instrumentation.js': 'export function register() {}',
    'proxy.js': 'export function proxy() {}',
    'app/page.jsx': 'export default function Page() { return null }',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}

function ended(child: ReturnType<typeof spawnNode>) {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(output))))
  })
}
