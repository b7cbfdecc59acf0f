import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium } from '@playwright/test'
import { installWithApt } from './apt'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const macPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The path of a Chromium. Installs one if none is found. */
export function requireChromium(say: (line: string) => void): string {
  const { CHROMIUM_PATH } = process.env
  if (CHROMIUM_PATH && !existsSync(CHROMIUM_PATH))
    throw new Error(`CHROMIUM_PATH: ${CHROMIUM_PATH} does not exist.`)
  const found = CHROMIUM_PATH || findChromium()
  if (found) return found
  say('Installing Chromium for the end-to-end tests (once)…')
  installWithApt('chromium', 'fonts-liberation') || installWithPlaywright()
  const installed = findChromium()
  if (installed) return installed
  throw new Error(
    'The end-to-end tests found no browser and could not install one. Install Chromium or Google Chrome, or set CHROMIUM_PATH.',
  )
}

function findChromium() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin']
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return [...onPath, ...macPaths, chromium.executablePath()].find(isExecutable)
}

function isExecutable(file: string) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function installWithPlaywright() {
  try {
    execFileSync(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium'], {
      stdio: 'ignore',
    })
  } catch {}
}

export const openBrowser = () =>
  chromium.launch({
    executablePath: requireChromium(console.log),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  })

/** A new page in a browser profile of its own, with these cookies for the whole site of `url`. */
export async function newPage(browser: Browser, url: string, cookie = '', options?: BrowserContextOptions) {
  const context = await browser.newContext(options)
  await context.addCookies(
    cookie
      .split('; ')
      .filter(Boolean)
      .map((text) => {
        const [name = '', ...value] = text.split('=')
        return { name, value: value.join('='), url: new URL(url).origin }
      }),
  )
  return context.newPage()
}
