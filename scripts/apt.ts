import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'

/** Debian asks this file whether an installed service may start. */
const policy = '/usr/sbin/policy-rc.d'

/** Requires programs whose Debian packages have the same names. Installs those that are missing if this user may. */
export function requirePrograms(names: string[], say: (line: string) => void) {
  const findMissing = () => names.filter((name) => spawnSync(name, ['--version']).error)
  if (!findMissing().length) return
  say(`Installing ${names.join(' and ')} (once)…`)
  installWithApt(...names)
  const missing = findMissing()
  if (missing.length)
    throw new Error(
      `Install ${missing.join(' and ')} first. On Debian, root can: apt-get install ${missing.join(' ')}`,
    )
}

/**
 * Installs packages of Debian, without starting their services.
 * @returns false if this is no Debian, this user may not, or it failed
 */
export function installWithApt(...packages: string[]) {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return false
  const hasPolicy = forbidStarts()
  try {
    return apt('update') && apt('install', '-y', '--no-install-recommends', ...packages)
  } finally {
    // Not at the next boot either.
    spawnSync('systemctl', ['disable', ...packages], { stdio: 'ignore' })
    if (hasPolicy) rmSync(policy)
  }
}

const apt = (...args: string[]) =>
  spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: 'ignore',
  }).status === 0

/** @returns false if the machine has a policy of its own */
function forbidStarts() {
  try {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
    return true
  } catch {
    return false
  }
}
