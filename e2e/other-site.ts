import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { test } from './people'

const program = fileURLToPath(new URL('short-streams.ts', import.meta.url))

/** Tests on a second instance of the site, beside the one of all others, whose streams end after 3 s. */
export const withShortStreams = test.extend<object, { shortStreamsUrl: string }>({
  shortStreamsUrl: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
    async ({}, use) => {
      const args = ['--conditions=react-server', '--import=tsx', program]
      const site = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
      const exited = once(site, 'exit')
      const [url] = await once(createInterface(site.stdout), 'line')
      await use(url)
      site.stdin.end()
      await exited
    },
    { scope: 'worker' },
  ],
  baseURL: ({ shortStreamsUrl }, use) => use(shortStreamsUrl),
})
