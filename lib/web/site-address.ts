import 'server-only'
import { env } from '@/lib/env'

/**
 * The site's address as the client knows it, for examples to copy into a shell: without any character special there.
 */
export function siteAddress(headers: Headers) {
  const { AUTH_URL, PORT } = env()
  if (AUTH_URL) return new URL(AUTH_URL).origin
  const protocol = headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http'
  const host = headers.get('x-forwarded-host') ?? headers.get('host') ?? ''
  return `${protocol}://${/^[\w.:[\]-]+$/.test(host) ? host : `localhost:${PORT}`}`
}
