import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../http'
import { removeDataDir, temporaryEnv } from '../temporary'
import { root, startChild } from './child'
import type { Site } from './parley'
import { memoryOfTree } from './processes'
import type { Report } from './report'

/** Memory after a first visit, of Parley's three services and of a real `npm start` including npm's own process. */
export async function measureMemory(report: Report) {
  const { ready, stop } = await startChild<Site>('parley')
  await visit(ready.url)
  const { site, postgres, soketi } = ready.pids
  const sizes = [site, postgres, soketi].map((pid) => memoryOfTree(pid))
  const all = memoryOfTree(...Object.values(ready.pids))
  await stop()
  const command = await measureCommand()
  report.table(
    'Memory at rest, MB (PSS)',
    ['site', 'PostgreSQL', 'Soketi', 'together', '`npm start` with npm and launcher'],
    [['Parley', ...[...sizes, all, command].map((size) => size.toFixed(0))]],
  )
  report.aim('Memory at rest, MB', all, 300, 0)
}

async function measureCommand() {
  const env = await temporaryEnv()
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await visit(await readiness(npm))
    return memoryOfTree(npm.pid)
  } finally {
    if (npm.kill()) await once(npm, 'exit')
    removeDataDir(env.PARLEY_DATA_DIR ?? '')
  }
}

async function visit(url: string) {
  for (const path of ['/', '/login', '/api/health']) await ask(url + path)
  await sleep(5000)
}

function readiness(npm: ChildProcess) {
  return new Promise<string>((resolve, reject) => {
    let output = ''
    npm.stdout?.on('data', (chunk) => {
      output += chunk
      const [, url] = /ready at (\S+)/.exec(output) ?? []
      if (url) resolve(url)
    })
    npm.once('exit', () => reject(new Error(`npm start ended.\n${output}`)))
  })
}
