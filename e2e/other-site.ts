import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { test } from './people'

const program = fileURLToPath(new URL('start-site.ts', import.meta.url))

type OtherSite = {
  url: string
  /** Of its Soketi, if that is its own. */
  soketiPid: number
  /** Ends the site's process at once; it is started again by itself. */
  kill: () => void
}

/** Tests on another site than the one of all others, started by start-site.ts with these arguments. */
const withSite = (...args: string[]) =>
  test.extend<object, { site: OtherSite }>({
    site: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
      async ({}, use) => {
        const node = ['--conditions=react-server', '--import=tsx', program, ...args]
        const child = spawn(process.execPath, node, { stdio: ['pipe', 'pipe', 'inherit'] })
        const exited = once(child, 'exit')
        const [line] = await once(createInterface(child.stdout), 'line')
        const [url, pid] = line.split(' ')
        await use({ url, soketiPid: Number(pid), kill: () => child.stdin.write('kill\n') })
        child.stdin.end()
        await exited
      },
      { scope: 'worker' },
    ],
    baseURL: ({ site }, use) => use(site.url),
  })

export const withShortStreams = withSite('shared', 'PARLEY_STREAM_SECONDS=3')
export const withKillableSite = withSite('shared')
/** With services of its own, which a test may stop. The accounts of the other site are not there. */
export const withOwnServices = withSite('own')
