import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EnvSource } from '@/lib/env'
import { spawnNode } from './services/node-process'

const folders = ['app', 'db', 'lib', 'public']
// Beside them every file of the root can change the build, but these.
const noSource = /^\.|\.md$|\.tsbuildinfo$|^next-env\.d\.ts$|^LICENSE$/
const noSourceWithin = /\.i?test\.tsx?$/

/** Builds the site, unless the last build was made from the same sources. */
export async function buildIfChanged(root: string, env: EnvSource, say: (line: string) => void) {
  const buildDir = join(root, env.PARLEY_BUILD_DIR ?? '.next')
  const stamp = join(buildDir, 'parley-sources')
  const sources = hashSources(root)
  if (readStamp(stamp) === sources) return
  say('Building the site…')
  // A build that is cut short leaves neither the old site nor the new one.
  rmSync(stamp, { force: true })
  await build(root, env)
  await buildServer(root, serverFile(root, env))
  writeFileSync(stamp, sources)
}

/** Where server.ts is, built; of one for development another, which leaves the build as it is. */
export const serverFile = (root: string, env: EnvSource, mode: 'start' | 'dev' = 'start') =>
  join(root, env.PARLEY_BUILD_DIR ?? '.next', mode === 'dev' ? 'dev-server.mjs' : 'parley-server.mjs')

/** Makes one JavaScript file of server.ts and what it imports, packages aside, so that it starts at once. */
export async function buildServer(root: string, outfile: string) {
  const esbuild = await import('esbuild')
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['server.ts'],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // It throws outside a bundle for the server.
    alias: { 'server-only': './node_modules/server-only/empty.js' },
    logLevel: 'warning',
  })
  // It would go on running as a process of its own.
  await esbuild.stop()
}

/** Changes when any source of the site does. */
export function hashSources(root: string) {
  const hash = createHash('sha256').update(process.versions.node)
  for (const file of sourceFiles(root))
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.digest('hex')
}

function sourceFiles(root: string) {
  const top = readdirSync(root).filter((name) => !noSource.test(name) && statSync(join(root, name)).isFile())
  return [...top.sort(), ...folders.flatMap((folder) => filesBelow(root, folder))]
}

function filesBelow(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  const found = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()
  return found
    .map((name) => join(folder, name))
    .filter((file) => !noSourceWithin.test(file) && statSync(join(root, file)).isFile())
}

function readStamp(file: string) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function build(root: string, env: EnvSource) {
  const child = spawnNode({
    args: ['node_modules/next/dist/bin/next', 'build'],
    cwd: root,
    env: { ...env, NODE_ENV: 'production' },
  })
  const end = () => child.kill()
  process.once('exit', end)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return new Promise<void>((resolve, reject) => {
    child.once('exit', (code, signal) => {
      process.off('exit', end)
      if (code === 0) resolve()
      else reject(new Error(`${output}\nThe site could not be built (${signal ?? `exit code ${code}`}).`))
    })
  })
}
