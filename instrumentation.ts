/** Runs once as the site starts: faulty settings end it here, with all of them named. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { env } = await import('@/lib/env')
  const { keepHouse } = await import('@/lib/housekeeping')
  const { watchPresence } = await import('@/lib/presence')
  const { endStreams } = await import('@/lib/streams')
  env()
  watchPresence()
  keepHouse()
  // The framework's own server waits for every response to end, and a stream does not by itself.
  process.once('SIGTERM', endStreams)
}
