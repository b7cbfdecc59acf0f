import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressOf, freePort } from '../ports'
import { runNode, spawnNode } from '../services/node-process'
import { statusOf } from '../services/status'
import { root } from './child'

/** A site with one dynamic page, which is as empty as the framework allows. */
export async function startEmptySite() {
  // Inside the project, so that the framework finds its packages.
  const folder = mkdtempSync(join(root, '.next-empty-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
  const next = (...args: string[]) => ({
    args: [join(root, 'node_modules/next/dist/bin/next'), ...args],
    cwd: folder,
    env,
  })
  writeEmptySite(folder)
  await runNode(next('build'))
  const port = await freePort()
  const url = addressOf('127.0.0.1', port)
  const site = spawnNode(next('start', '-H', '127.0.0.1', '-p', String(port)))
  process.once('exit', () => site.kill('SIGKILL'))
  while (!(await statusOf(url, 1000))) await sleep(50)
  return { url, pid: site.pid ?? 0 }
}

function writeEmptySite(folder: string) {
  mkdirSync(join(folder, 'app'))
  const files = {
    'package.json': '{"private": true, "type": "module"}',
    'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(root)} } }`,
    'app/layout.jsx':
      'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html> }',
    // Without its own files, the framework would use the project's, which are in a parent folder.
    'instrumentation.js': 'export function register() {}',
    'proxy.js': 'export function proxy() {}',
    'app/page.jsx': 'export const dynamic = "force-dynamic"; export default function Page() { return null }',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}
