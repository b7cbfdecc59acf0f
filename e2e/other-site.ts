import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { test } from './people'

const program = fileURLToPath(new URL('start-site.ts', import.meta.url))

type OtherSite = {
  url: string
  databaseUrl: string
  /** The process id of its Soketi, if it has its own. */
  soketiPid: number
  /** Kills the site's process, which is restarted by itself. */
  kill: () => void
}

/** Runs tests against a site of their own, started by start-site.ts with these arguments. */
const withSite = (...args: string[]) =>
  test.extend<object, { site: OtherSite }>({
    site: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
      async ({}, use) => {
        const node = ['--conditions=react-server', '--import=tsx', program, ...args]
        const child = spawn(process.execPath, node, { stdio: ['pipe', 'pipe', 'inherit'] })
        const exited = once(child, 'exit')
        const [line] = await once(createInterface(child.stdout), 'line')
        const [url, pid, databaseUrl] = line.split(' ')
        await use({ url, databaseUrl, soketiPid: Number(pid), kill: () => child.stdin.write('kill\n') })
        child.stdin.end()
        await exited
      },
      { scope: 'worker' },
    ],
    baseURL: ({ site }, use) => use(site.url),
  })

export const withShortStreams = withSite('shared', 'PARLEY_STREAM_SECONDS=3')
export const withKillableSite = withSite('shared')
/** The site has its own services, which a test may stop, and so none of the other site's accounts. */
export const withOwnServices = withSite('own')
