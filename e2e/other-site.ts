import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { test } from './people'

/** Runs a program that prints a line when it is ready, until `use` is done with the words of that line. */
async function withProgram(name: string, use: (words: string[]) => Promise<void>) {
  const program = fileURLToPath(new URL(name, import.meta.url))
  const args = ['--conditions=react-server', '--import=tsx', program]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout), 'line')
  await use(line.split(' '))
  child.stdin.end()
  await exited
}

/** Tests on a second instance of the site, beside the one of all others, whose streams end after 3 s. */
export const withShortStreams = test.extend<object, { shortStreamsUrl: string }>({
  shortStreamsUrl: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
    ({}, use) => withProgram('short-streams.ts', ([url = '']) => use(url)),
    { scope: 'worker' },
  ],
  baseURL: ({ shortStreamsUrl }, use) => use(shortStreamsUrl),
})

type OwnParley = { url: string; soketi: number }

/** Tests on a Parley of their own, with the pid of its Soketi. The accounts of the other one are not there. */
export const withOwnParley = test.extend<object, { parley: OwnParley }>({
  parley: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
    ({}, use) => withProgram('own-parley.ts', ([url = '', pid]) => use({ url, soketi: Number(pid) })),
    { scope: 'worker' },
  ],
  baseURL: ({ parley }, use) => use(parley.url),
})
