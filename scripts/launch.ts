import nextEnv from '@next/env'
import { connect } from '@/db/connection'
import { hasOperator } from '@/lib/roles'
import { Parley } from './parley'

/** `npm start` and `npm run dev`: runs everything in the foreground until a signal stops it. */
export async function launch(mode: 'start' | 'dev') {
  nextEnv.loadEnvConfig(process.cwd(), mode === 'dev', { info: () => {}, error: console.error })
  // Otherwise the site, which inherits this variable, would not read the .env files itself.
  delete process.env.__NEXT_PROCESSED_ENV
  const parley = new Parley({ site: mode })
  stopOnSignals(parley)
  if (process.env.PARLEY_LIMITS === 'off')
    console.log('The rate limits are off (PARLEY_LIMITS). Use this for load tests only.')
  await parley.start()
  console.log(`Parley is ready at ${parley.url}`)
  if (!(await isOperated(String(parley.env.DATABASE_URL))))
    console.log('Nobody is an operator of this site yet. To become one, run `npm run operator`.')
}

/** Whether the site has an operator. If the database does not answer, it may have one. */
async function isOperated(databaseUrl: string) {
  const db = connect(databaseUrl, 1)
  return hasOperator(db)
    .catch(() => true)
    .finally(() => db.$client.end())
}

function stopOnSignals(parley: Parley) {
  process.on('exit', () => parley.abandon())
  let since = 0
  const stop = () => {
    // Under npm, one Ctrl-C arrives twice: from the terminal and from npm. A later one means to stop at once.
    if (since && Date.now() - since > 500) process.exit(1)
    if (since) return
    since = Date.now()
    parley.stop().finally(() => process.exit(0))
  }
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop)
  if (process.env.npm_lifecycle_event) stopWithParent(stop)
}

/**
 * Stops when the parent process has ended. A shell between npm and this process does not pass signals on, and a
 * killed npm sends none, but both change the parent of this process.
 */
function stopWithParent(stop: () => void) {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    stop()
  }, 500)
  timer.unref()
}
