/** Runs once as the site starts: faulty settings end it here, with all of them named. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { env } = await import('@/lib/env')
  const { keepHouse } = await import('@/lib/housekeeping')
  const { watchPresence } = await import('@/lib/presence')
  const { endStreams } = await import('@/lib/streams')
  const { watchRequests } = await import('@/lib/web/requests')
  const { AUTH_URL, TRUST_PROXY } = env()
  watchRequests({ trustProxy: TRUST_PROXY, isHttps: AUTH_URL?.startsWith('https:') ?? false })
  watchPresence()
  keepHouse()
  process.once('SIGTERM', () => {
    // The framework waits for every response to end, and a stream does not by itself.
    endStreams()
    // A request that hangs would hold it up too, and the contract gives all of it 10 s.
    setTimeout(() => process.exit(), 9000).unref()
  })
}
