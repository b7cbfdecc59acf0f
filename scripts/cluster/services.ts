import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { logTail, logTo } from '../log-file'
import { leash } from '../services/postgres'
import { makeFolder } from '../services/postgres-files'
import { postgresUser, type RunAs } from '../services/postgres-user'
import type { ServiceDefinition } from '../supervisor'

type Options = { folder: string; port: number }

/** Redis without persistence: it only passes events on. */
export const redis = ({ folder, port }: Options) =>
  program({
    name: 'Redis',
    file: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    folder,
    port,
  })

/** PgBouncer in transaction mode, in front of `database`. It does not run as root, as PostgreSQL. */
export function pgbouncer({ folder, port, database }: Options & { database: URL }) {
  const user = postgresUser(folder, () => {})
  makeFolder(folder, user)
  const config = join(folder, 'pgbouncer.ini')
  const users = join(folder, 'users.txt')
  const { username, password, hostname, pathname } = database
  writeFileSync(users, `"${username}" "${password}"\n`)
  writeFileSync(
    config,
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${database.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 20
max_client_conn = 200
query_wait_timeout = 5
server_connect_timeout = 5
server_login_retry = 1
`,
  )
  return program({ name: 'PgBouncer', file: 'pgbouncer', args: [config], folder, port, user })
}

type Program = Options & { name: string; file: string; args: string[]; user?: RunAs }

function program({ name, file, args, folder, port, user = {} }: Program): ServiceDefinition {
  const log = join(folder, `${file}.log`)
  return {
    name,
    spawn: () => {
      const child = spawn(file, args, {
        ...user,
        cwd: '/',
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      logTo(log, child.stdout, child.stderr)
      leash(child, user)
      return child
    },
    isReady: () => accepts(port),
    stopSignal: 'SIGINT',
    killSignal: 'SIGKILL',
    patience: 4000,
    explain: () => logTail(log),
  }
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket
      .on('connect', () => resolve(true))
      .on('error', () => resolve(false))
      .on('connect', () => socket.destroy())
  })
