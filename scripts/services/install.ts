import { fileURLToPath } from 'node:url'
import { isInstalled, npmInstall } from '../npm-install.mjs'

export const folderOf = (service: string) => fileURLToPath(new URL(service, import.meta.url))

/** Installs the packages of one service, which are separate from the site's. @returns their folder */
export async function installService(
  service: 'postgres' | 'soketi' | 'node22',
  title: string,
  say: (line: string) => void,
) {
  const folder = folderOf(service)
  if (!isInstalled(folder)) {
    say(`Installing ${title} (once)…`)
    // Only the package of Node.js needs its install script, which downloads the program.
    await npmInstall(folder, service === 'node22' ? [] : ['--ignore-scripts'])
  }
  return folder
}
