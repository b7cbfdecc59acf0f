import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { installWithApt } from '../apt'

const packages = ['redis-server', 'pgbouncer']
/** Debian asks this file whether an installed service may start. */
const policy = '/usr/sbin/policy-rc.d'

/** Installs Redis and PgBouncer if they are missing. */
export function requirePackages(say: (line: string) => void) {
  if (!findMissing().length) return
  say('Installing Redis and PgBouncer (once)…')
  installWithoutStarting()
  const missing = findMissing()
  if (missing.length)
    throw new Error(
      `Install ${missing.join(' and ')} first. On Debian, root can: apt-get install ${missing.join(' ')}`,
    )
}

/** The programs have the names of their packages. */
const findMissing = () => packages.filter((name) => spawnSync(name, ['--version']).error)

function installWithoutStarting() {
  try {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
  } catch {
    // The machine has a policy of its own, or this user may not install anything.
    return void installWithApt(packages)
  }
  try {
    installWithApt(packages)
    // Not at the next boot either.
    spawnSync('systemctl', ['disable', ...packages])
  } finally {
    rmSync(policy)
  }
}
