import 'server-only'
import type { Origin } from '@/lib/current-user'

/**
 * The client that sent a request. Behind a proxy, the last forwarded address is the one that the proxy saw; without a
 * proxy, requests.ts has set the socket's address.
 */
export const originOf = (headers: Headers): Origin => ({
  userAgent: headers.get('user-agent'),
  address: lastAddress(headers.get('x-forwarded-for')),
})

/** The last address of a forwarded header, without the port that some proxies add. */
export const lastAddress = (list: string | null | undefined) =>
  list
    ?.split(',')
    .at(-1)
    ?.trim()
    .slice(0, 64)
    .replace(/^\[(.*)\](:\d+)?$|^([^:]*):\d+$/, '$1$3') ?? null
