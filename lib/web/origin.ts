import 'server-only'
import { type IncomingMessage, Server } from 'node:http'
import type { Origin } from '@/lib/login-sessions'

/**
 * Where a request comes from. Behind a proxy the last address is the one that the proxy itself saw;
 * without one the framework has put the socket's there.
 */
export const originOf = (headers: Headers): Origin => ({
  userAgent: headers.get('user-agent'),
  address: headers.get('x-forwarded-for')?.split(',').at(-1)?.trim().slice(0, 64) ?? null,
})

const forwarded = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'forwarded',
]

/** Takes from every request what only a proxy may say. The framework believes it from anyone, and has no setting. */
export function distrustForwardedHeaders() {
  const emit: (event: string, ...rest: unknown[]) => boolean = Server.prototype.emit
  Server.prototype.emit = function (this: Server, event: string, ...rest: unknown[]) {
    if (event === 'request') for (const name of forwarded) delete (rest[0] as IncomingMessage).headers[name]
    return emit.call(this, event, ...rest)
  }
}
