import 'server-only'
import { makeNonce } from './nonce'
import { realtimeAddress } from './realtime-address'

/** A page's policy. Only scripts with this response's nonce run; Next.js reads the nonce from the policy. */
export function contentSecurityPolicy(headers: Headers) {
  const nonce = makeNonce()
  const { origin } = new URL(realtimeAddress(headers).url)
  const isDev = process.env.NODE_ENV === 'development'
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ''}`,
    `style-src 'self'${isDev ? " 'unsafe-inline'" : ''}`,
    "img-src 'self' data:",
    `connect-src 'self' ${origin} ${origin.replace(/^http/, 'ws')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ')
}
