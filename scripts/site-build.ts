import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import type { EnvSource } from '@/lib/env'
import { runNode } from './services/node-process'

const folders = ['app', 'db', 'lib', 'public']
// Every file in the root folder counts as a source too, except these.
const notSource = /^\.|\.md$|\.tsbuildinfo$|^next-env\.d\.ts$|^(LICENSE|Dockerfile|compose\.yaml)$/
const testFile = /\.i?test\.tsx?$/

/** Builds the site, unless the last build was made from the same sources. */
export async function buildIfChanged(root: string, env: EnvSource, say: (line: string) => void) {
  const buildDir = join(root, env.PARLEY_BUILD_DIR ?? '.next')
  const stamp = join(buildDir, 'parley-sources')
  const sources = hashSources(root)
  if (readStamp(stamp) === sources) return
  say('Building the site…')
  // If the build is interrupted, the stamp must not claim that it is complete.
  rmSync(stamp, { force: true })
  await runNode({
    args: ['node_modules/next/dist/bin/next', 'build'],
    cwd: root,
    env: { ...env, NODE_ENV: 'production' },
  }).catch((error: Error) => {
    throw new Error(`${error.message}\nThe site could not be built.`)
  })
  await buildServer(root, serverFile(root, env))
  writeFileSync(stamp, sources)
}

/** The path of the compiled main.ts. Development has its own file and leaves the build unchanged. */
export const serverFile = (root: string, env: EnvSource, mode: 'start' | 'dev' = 'start') =>
  join(root, env.PARLEY_BUILD_DIR ?? '.next', mode === 'dev' ? 'dev-server.mjs' : 'parley-server.mjs')

/** Bundles main.ts, so that the site starts without compiling anything. */
export const buildServer = (root: string, outfile: string) => bundleProgram(root, 'main.ts', outfile)

/** Bundles a program with all it imports except packages. */
export async function bundleProgram(root: string, program: string, outfile: string) {
  const { dir, name } = parse(outfile)
  rmSync(join(dir, name), { recursive: true, force: true })
  const esbuild = await import('esbuild')
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { [name]: program },
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Each process loads only the parts it needs.
    splitting: true,
    chunkNames: `${name}/[name]-[hash]`,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The real module throws if it is not bundled by Next.js.
    alias: { 'server-only': './node_modules/server-only/empty.js' },
    logLevel: 'warning',
  })
  // Ends esbuild's own process, which would keep running.
  await esbuild.stop()
}

/** A hash over all sources of the site and the version of Node.js. */
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
  const top = readdirSync(root).filter((name) => !notSource.test(name) && statSync(join(root, name)).isFile())
  return [...top.sort(), ...folders.flatMap((folder) => filesBelow(root, folder))]
}

function filesBelow(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  const found = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()
  return found
    .map((name) => join(folder, name))
    .filter((file) => !testFile.test(file) && statSync(join(root, file)).isFile())
}

function readStamp(file: string) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
