// Runs scripts/<name>.ts, after installing the packages if they are missing.
import { fileURLToPath } from 'node:url'
import { isInstalled, npmInstall } from './npm-install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

try {
  if (major < 20 || (major === 20 && minor < 9))
    throw new Error(`Parley needs Node.js 20.9 or later; this is ${process.versions.node}.`)
  process.chdir(root)
  if (!isInstalled(root)) await install()
  const { register } = await import('tsx/esm/api')
  register()
  // Removes the name, so that the script finds its own arguments at the usual place.
  const [name] = process.argv.splice(2, 1)
  await import(`./${name}.ts`)
} catch (error) {
  // An error of the machine or the settings is printed as a sentence, a bug in Parley with its stack.
  const isExpected =
    error instanceof Error && !(error instanceof TypeError || error instanceof ReferenceError)
  console.error(isExpected && !process.env.PARLEY_DEBUG ? error.message : error)
  process.exit(1)
}

async function install() {
  console.log('Installing packages (once, a minute or so)…')
  // Without a handler, these signals would end this process at once and leave npm running.
  const leave = () => process.exit(1)
  process.on('SIGINT', leave).on('SIGTERM', leave)
  await npmInstall(root)
  process.off('SIGINT', leave).off('SIGTERM', leave)
}
