/** Runs once when the site starts. Invalid settings end it here, with a list of all of them. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { env } = await import('@/lib/env')
  await import('@/lib/leaving')
  const { keepJobsRunning } = await import('@/lib/jobs')
  const { startHousekeeping } = await import('@/lib/housekeeping')
  const { startPresence } = await import('@/lib/presence-check')
  const { endStreams } = await import('@/lib/streams')
  env()
  startPresence()
  startHousekeeping()
  keepJobsRunning()
  // Next.js' own server waits for all responses to end, and streams don't end by themselves.
  process.once('SIGTERM', endStreams)
}
