import 'server-only'
import { env } from '@/lib/env'
import type { RealtimeAddress } from '@/lib/realtime/client'

/**
 * The address of Soketi for clients. A loopback address is replaced by the host that they requested, with Soketi's
 * port.
 */
export function realtimeAddress(headers: Pick<Headers, 'get'>): RealtimeAddress {
  const { SOKETI_APP_KEY, SOKETI_URL, SOKETI_PUBLIC_URL } = env()
  const url = new URL(SOKETI_PUBLIC_URL ?? SOKETI_URL)
  const isLoopback = /^(localhost|127\.|\[::1\])/.test(url.hostname)
  if (!SOKETI_PUBLIC_URL && isLoopback) url.host = `${requestedHostname(headers) ?? url.hostname}:${url.port}`
  return { key: SOKETI_APP_KEY, url: url.origin }
}

function requestedHostname(headers: Pick<Headers, 'get'>) {
  const host = headers.get('host')
  return host && URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined
}
