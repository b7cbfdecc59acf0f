import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressOf, freePort } from '../ports'
import { ask } from '../services/ask'
import { spawnNode } from '../services/node-process'
import { root } from './child'

/** A site of one page, made for each request, that is as empty as the framework allows. */
export async function startEmptySite() {
  // Inside the project, where the framework's packages are found.
  const folder = mkdtempSync(join(root, '.next-empty-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
  const next = (...args: string[]) =>
    spawnNode({ args: [join(root, 'node_modules/next/dist/bin/next'), ...args], cwd: folder, env })
  writeEmptySite(folder)
  await ended(next('build'))
  const port = await freePort()
  const url = addressOf('127.0.0.1', port)
  const site = next('start', '-H', '127.0.0.1', '-p', String(port))
  process.once('exit', () => site.kill('SIGKILL'))
  while (!(await ask(url, 1000))) await sleep(50)
  return { url, pid: site.pid ?? 0 }
}

function writeEmptySite(folder: string) {
  mkdirSync(join(folder, 'app'))
  const files = {
    'package.json': '{"private": true, "type": "module"}',
    'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(root)} } }`,
    'app/layout.jsx':
      'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html> }',
    // Otherwise the framework takes the project's own, further up.
    'instrumentation.js': 'export function register() {}',
    'proxy.js': 'export function proxy() {}',
    'app/page.jsx': 'export const dynamic = "force-dynamic"; export default function Page() { return null }',
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
