import { execFileSync, spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'

/** The user that PostgreSQL runs as. Empty means the user of this process. */
export interface RunAs {
  uid?: number
  gid?: number
}

/** PostgreSQL refuses to run as root, so it then runs as the cluster's owner, or as the system user `postgres`. */
export function postgresUser(cluster: string, say: (line: string) => void): RunAs {
  if (process.getuid?.() !== 0) return {}
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (owner?.uid) return { uid: owner.uid, gid: owner.gid }
  return systemUser() ?? createSystemUser(say)
}

/** Whether `test <flag> <path>` succeeds for that user, which includes access to every parent folder. */
export const canReach = (user: RunAs, flag: '-x' | '-w', path: string) =>
  spawnSync('sh', ['-c', 'test "$1" "$2"', 'sh', flag, path], { ...user, cwd: '/' }).status === 0

function systemUser(): RunAs | undefined {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }))
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

function createSystemUser(say: (line: string) => void): RunAs {
  say('PostgreSQL does not run as root. Creating the system user "postgres" for it…')
  const { status } = spawnSync('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/bin/false',
    'postgres',
  ])
  const user = systemUser()
  if (status !== 0 || !user)
    throw new Error(
      'PostgreSQL does not run as root, and the system user "postgres" could not be created. Create it, start Parley as an ordinary user, or set DATABASE_URL.',
    )
  return user
}
