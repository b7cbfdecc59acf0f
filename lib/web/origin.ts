import 'server-only'
import type { Origin } from '@/lib/login-sessions'

/** Where a request comes from. The framework puts the socket's address into the header where no proxy did. */
export const originOf = (headers: Headers): Origin => ({
  userAgent: headers.get('user-agent'),
  address: headers.get('x-forwarded-for')?.split(',')[0]?.trim().slice(0, 64) ?? null,
})
