// Plain JavaScript, because it runs before anything is installed.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {{ version?: string, optional?: boolean, peer?: boolean }} LockedPackage */

/** @param {string} file @returns {Record<string, LockedPackage>} */
const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages

/**
 * Whether the installed packages of `folder` are those of its lock file, by the list that npm writes when it installs.
 * @param {string} folder
 */
export function isInstalled(folder) {
  try {
    const installed = packagesIn(join(folder, 'node_modules/.package-lock.json'))
    return Object.entries(packagesIn(join(folder, 'package-lock.json')))
      .filter(([path]) => path.startsWith('node_modules/'))
      .every(([path, { version, optional, peer }]) =>
        installed[path] ? installed[path].version === version : optional || peer,
      )
  } catch {
    return false
  }
}

/**
 * Installs the packages of `folder`'s lock file. Ends npm if this process ends.
 * @param {string} folder
 * @param {string[]} [options]
 * @returns {Promise<void>}
 */
export function npmInstall(folder, options = []) {
  // npm tells the scripts that it runs its own path. Calling `npm` by name needs a shell on some systems.
  const npm = process.env.npm_execpath
  const command = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']
  const quiet = ['--no-fund', '--no-audit', '--loglevel=error']
  const args = [...command.slice(1), 'ci', '--include=dev', '--prefix', folder, ...quiet, ...options]
  const child = spawn(String(command[0]), args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const end = () => child.kill()
  process.once('exit', end)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      process.off('exit', end)
      if (code === 0) resolve()
      else reject(new Error(`npm could not install the packages of ${folder} (see above).`))
    })
  })
}
