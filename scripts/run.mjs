// Runs scripts/<name>.ts, on a machine where nothing is installed yet too.
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
  // The script finds its arguments where it would if it had been run itself.
  const [name] = process.argv.splice(2, 1)
  await import(`./${name}.ts`)
} catch (error) {
  // A fault of the surroundings is said in a sentence; a fault of ours shows where it came from.
  const told = error instanceof Error && !(error instanceof TypeError || error instanceof ReferenceError)
  console.error(told && !process.env.PARLEY_DEBUG ? error.message : error)
  process.exit(1)
}

async function install() {
  console.log('Installing packages (once, a minute or so)…')
  // Without a handler these would end us at once and leave npm behind.
  const leave = () => process.exit(1)
  process.on('SIGINT', leave).on('SIGTERM', leave)
  await npmInstall(root)
  process.off('SIGINT', leave).off('SIGTERM', leave)
}
