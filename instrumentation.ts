/** Runs once as the site starts: faulty settings end it here, with all of them named. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { env } = await import('@/lib/env')
  const { watchGuests } = await import('@/lib/guests')
  const { watchPresence } = await import('@/lib/presence')
  const { endStreams } = await import('@/lib/streams')
  const { distrustForwardedHeaders } = await import('@/lib/web/origin')
  if (!env().TRUST_PROXY) distrustForwardedHeaders()
  watchPresence()
  watchGuests()
  // The framework waits for every response to end, and a stream does not by itself.
  process.once('SIGTERM', endStreams)
}
