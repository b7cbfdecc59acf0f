import nextEnv from '@next/env'
import { Parley } from './parley'

/** What `npm start` and `npm run dev` do: everything in the foreground, until told to end. */
export async function launch(mode: 'start' | 'dev') {
  nextEnv.loadEnvConfig(process.cwd(), mode === 'dev', { info: () => {}, error: console.error })
  // Else the site would think it had read its own settings already.
  delete process.env.__NEXT_PROCESSED_ENV
  const parley = new Parley({ site: mode })
  stopOnSignals(parley)
  if (process.env.PARLEY_LIMITS === 'off')
    console.log('The rate limits are off (PARLEY_LIMITS): for load tests only.')
  await parley.start()
  console.log(`Parley is ready at ${parley.url}`)
}

function stopOnSignals(parley: Parley) {
  process.on('exit', () => parley.abandon())
  let since = 0
  const stop = () => {
    // Under npm one Ctrl-C arrives twice, from the terminal and from npm; one a second later is meant.
    if (since && Date.now() - since > 500) process.exit(1)
    if (since) return
    since = Date.now()
    parley.stop().finally(() => process.exit(0))
  }
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop)
  if (process.env.npm_lifecycle_event) stopWithParent(stop)
}

/** A shell between npm and us does not pass signals on, and a killed npm sends none: then we are adopted. */
function stopWithParent(stop: () => void) {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    stop()
  }, 500)
  timer.unref()
}
