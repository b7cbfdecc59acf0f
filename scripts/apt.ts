import { spawnSync } from 'node:child_process'

/** Installs packages of Debian. @returns false if this is no Debian, this user may not, or it failed */
export function installWithApt(...packages: string[]) {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], { env, stdio: 'ignore' })
      .status === 0
  return apt('update') && apt('install', '-y', '--no-install-recommends', ...packages)
}
