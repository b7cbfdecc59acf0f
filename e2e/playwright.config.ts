import { defineConfig } from '@playwright/test'

const { PARLEY_SITE_URL, PARLEY_CHROMIUM, CI } = process.env
if (!PARLEY_SITE_URL) throw new Error('There is no site to test. Run `npm test -- e2e`, which starts one.')

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(CI),
  timeout: 60_000,
  expect: { timeout: 12_000 },
  use: {
    baseURL: PARLEY_SITE_URL,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: PARLEY_CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // A name that is no loopback's: plain http is no secure context there.
        '--host-resolver-rules=MAP parley.test 127.0.0.1',
      ],
    },
  },
})
