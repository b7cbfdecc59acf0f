import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { logTail, logTo } from '../log-file'
import { commandLine, endProcess, processRef } from '../processes'
import type { ServiceDefinition } from '../supervisor'
import { clusterFolder, makeFolder, postgresPrograms } from './postgres-files'
import { postgresUser, type RunAs } from './postgres-user'
import { sitePassword, siteRole } from './site-role'

interface PostgresOptions {
  packages: string
  dataDir: string
  logDir: string
  port: number
  password: string
  /** Of the site. */
  processes: number
  say: (line: string) => void
}

// Enough for one site on a small machine; larger sites set DATABASE_URL. The settings are given here instead of in the
// cluster's own file, so that a later version of Parley can change them.
const settings = ({ port, processes }: PostgresOptions) => ({
  port,
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Ten for each process (db/connection.ts), and as many as four more sites, backups and tests may need.
  max_connections: 50 + 10 * processes,
  shared_buffers: '48MB',
  max_wal_size: '256MB',
  // The fewest processes.
  io_method: 'sync',
  max_logical_replication_workers: 0,
  wal_level: 'minimal',
  max_wal_senders: 0,
  jit: 'off',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Leaves out the row that violated a constraint, because it may contain a message.
  log_error_verbosity: 'terse',
})

export function postgres(options: PostgresOptions): ServiceDefinition {
  const { packages, dataDir, logDir, password, say } = options
  const link = join(dataDir, 'postgres')
  const user = postgresUser(link, say)
  const programs = postgresPrograms(packages, user)
  const cluster = clusterFolder(link, user)
  if (!existsSync(cluster)) makeCluster(programs, cluster, user, password)
  if (!existsSync(link)) symlinkSync(cluster, link)
  requireSameVersion(programs, cluster)
  const log = join(logDir, 'postgres.log')
  return {
    name: 'PostgreSQL',
    spawn: async () => {
      await clearPidFile(cluster)
      const args = Object.entries(settings(options)).flatMap(([name, value]) => ['-c', `${name}=${value}`])
      const child = spawn(join(programs, 'postgres'), ['-D', cluster, ...args], {
        ...processOptions(user),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      logTo(log, child.stdout, child.stderr)
      leash(child, user)
      return child
    },
    isReady: (child) => isReady(cluster, child),
    // PostgreSQL's "fast" and "immediate" shutdown. SIGTERM would wait until every connection is closed.
    stopSignal: 'SIGINT',
    killSignal: 'SIGQUIT',
    patience: 4000,
    explain: () => logTail(log),
  }
}

/** The address for the cluster's superuser, who only prepares the database for the site. */
export const adminUrl = (port: number, password: string) => postgresUrl(port, 'parley', password)

/** The address for the site, migrations and backups, with a role that has only the rights they need. */
export const siteUrl = (port: number, password: string) => postgresUrl(port, siteRole, sitePassword(password))

const postgresUrl = (port: number, role: string, password: string) =>
  `postgres://${role}:${password}@127.0.0.1:${port}/parley`

// PG* variables would change PostgreSQL's behaviour, and its user may not be able to enter the working folder.
const processOptions = (user: RunAs) => {
  const env = { LC_ALL: 'C', PATH: process.env.PATH } as unknown as NodeJS.ProcessEnv
  return { ...user, cwd: '/', env }
}

/** Makes the cluster under another name and renames it when complete, so that a crash cannot leave half a cluster. */
function makeCluster(programs: string, cluster: string, user: RunAs, password: string) {
  const unfinished = `${cluster}.new`
  const passwordFile = `${cluster}.password`
  makeFolder(unfinished, user)
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (user.uid !== undefined && user.gid !== undefined) chownSync(passwordFile, user.uid, user.gid)
  try {
    run(programs, 'initdb', user, [
      ...['-D', unfinished, '-U', 'parley', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      // The same collation and letter case rules on every machine.
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      '--no-instructions',
    ])
    run(programs, 'postgres', user, ['--single', '-D', unfinished, 'postgres'], 'CREATE DATABASE parley\n')
  } finally {
    rmSync(passwordFile)
  }
  renameSync(unfinished, cluster)
}

function run(programs: string, program: string, user: RunAs, args: string[], input = '') {
  const { status, error, stderr } = spawnSync(join(programs, program), args, {
    ...processOptions(user),
    input,
    encoding: 'utf8',
  })
  if (status !== 0)
    throw new Error(`The database could not be created (${program}): ${error?.message ?? stderr}`)
}

function requireSameVersion(programs: string, cluster: string) {
  const found = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  const [, version] =
    spawnSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout.match(/(\d+)/) ?? []
  if (found !== version)
    throw new Error(
      `The data folder's database (${cluster}) was created by PostgreSQL ${found}, but this version of Parley has PostgreSQL ${version}. Use the Parley that created it, or move the data with pg_dump.`,
    )
}

const pidFile = (cluster: string) => {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return []
  }
}

/** The port of a data folder's PostgreSQL, while it runs. */
export const runningPort = (dataDir: string) => Number(pidFile(join(dataDir, 'postgres'))[3])

/** Checks the eighth line of the pid file, as pg_ctl does. */
const isReady = (cluster: string, child: ChildProcess) => {
  const lines = pidFile(cluster)
  return Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready'
}

/**
 * PostgreSQL refuses to start if its pid file names a running process. That is either PostgreSQL of an earlier start,
 * which is ended, or another program that now has the same pid.
 */
async function clearPidFile(cluster: string) {
  const pid = Number(pidFile(cluster)[0])
  const ref = pid ? processRef(pid) : undefined
  if (!ref) return
  const command = commandLine(pid)
  if (command.includes('postgres') && command.includes(`-D ${cluster} `)) await endProcess(ref, 'SIGINT')
  else rmSync(join(cluster, 'postmaster.pid'), { force: true })
}

/** Ends a program if the launcher is killed: a shell reads from a pipe, which closes when the launcher ends. */
export function leash(child: ChildProcess, user: RunAs) {
  if (!child.pid || process.platform === 'win32') return
  const watcher = spawn('sh', ['-c', 'read _; kill -INT "$1"', 'sh', String(child.pid)], {
    ...processOptions(user),
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  child.once('exit', () => watcher.kill('SIGKILL'))
}
