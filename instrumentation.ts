/** Runs once as the site starts: faulty settings end it here, with all of them named. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { env } = await import('@/lib/env')
  const { watchPresence } = await import('@/lib/presence')
  const { distrustForwardedHeaders } = await import('@/lib/web/origin')
  if (!env().TRUST_PROXY) distrustForwardedHeaders()
  watchPresence()
}
