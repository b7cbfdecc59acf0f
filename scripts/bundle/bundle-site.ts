import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EnvSource } from '@/lib/env'
import { buildIfChanged, bundleProgram, serverFile } from '../site-build'

// Next.js's own copy, with which it traces what its pages load.
const { nodeFileTrace } = createRequire(import.meta.url)('next/dist/compiled/@vercel/nft')

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What no running site loads: compilers, parts of the build that are for the next build, and an image library. */
const leftOut = [
  /(^|\/)node_modules\/(@img|sharp|esbuild|jiti|(@?tailwind|lightning|postcss)[^/]*)(\/|$)/,
  /^node_modules\/next\/dist\/(docs|compiled\/(terser|babel[^/]*|next-devtools))\//,
  /\.runtime\.dev\.js$/,
  /^\.next[^/]*\/(cache|dev|diagnostics|trace|trace-build|turbopack|types|parley-sources)(\/|$)/,
  /\.(nft\.json|map|d\.[cm]?ts)$/,
]

const isLeftOut = (file: string) => leftOut.some((pattern) => pattern.test(file))

/** Copies the built site to a new folder, with only those files of its packages that it loads. */
export async function bundleSite(target: string, env: EnvSource, say: (line: string) => void) {
  if (existsSync(target)) throw new Error(`${target} already exists.`)
  await buildIfChanged(root, env, say)
  const server = relative(root, serverFile(root, env))
  const build = dirname(server)
  const migrate = join(build, 'parley-migrate.mjs')
  await bundleProgram(root, 'scripts/migrate.ts', join(root, migrate))
  const operator = join(build, 'parley-operator.mjs')
  await bundleProgram(root, 'scripts/operator/bundled.ts', join(root, operator))
  const own = [build, 'public', 'db/migrations', 'package.json']
  for (const path of [...own, ...(await traceFiles(build, [server, migrate, operator]))])
    cpSync(join(root, path), join(target, path), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => !isLeftOut(relative(root, file)),
    })
  writeFileSync(join(target, 'server.mjs'), starter(build, server))
  writeFileSync(join(target, 'migrate.mjs'), starter(build, migrate))
  writeFileSync(join(target, 'operator.mjs'), starter(build, operator))
}

/** The files that these programs, Next.js and its pages load. */
async function traceFiles(build: string, programs: string[]) {
  const { fileList } = await nodeFileTrace(programs, { base: root, processCwd: root, ignore: isLeftOut })
  const lists = readdirSync(build, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.nft.json'))
    .map((name) => join(build, name))
  const traced = lists.flatMap((list) =>
    (JSON.parse(readFileSync(list, 'utf8')).files as string[]).map((file) => join(dirname(list), file)),
  )
  return new Set<string>([...fileList, ...traced])
}

/**
 * A program that runs another one as on a server, from any folder. As in Next.js's own standalone output, the
 * configuration comes from the build, because reading next.config.mjs would need the compilers.
 */
const starter = (build: string, program: string) => `import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('.', import.meta.url)))
process.env.NODE_ENV = 'production'
const { config } = JSON.parse(readFileSync('${build}/required-server-files.json', 'utf8'))
process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = JSON.stringify(config)
await import('./${program}')
`
