import 'server-only'
import type { Origin } from '@/lib/current-user'

/**
 * Where a request comes from. Behind a proxy the last address is the one that the proxy itself saw;
 * without one the framework has put the socket's there.
 */
export const originOf = (headers: Headers): Origin => ({
  userAgent: headers.get('user-agent'),
  address: lastAddress(headers.get('x-forwarded-for')),
})

/** The last of the addresses that a forwarded header lists; some proxies add the port to each. */
export const lastAddress = (list: string | null | undefined) =>
  list
    ?.split(',')
    .at(-1)
    ?.trim()
    .slice(0, 64)
    .replace(/^\[(.*)\](:\d+)?$|^([^:]*):\d+$/, '$1$3') ?? null
