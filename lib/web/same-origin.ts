import { Refusal } from '@/lib/errors'

/** @throws {Refusal} 403 for a request that another site's page made the browser send */
export function requireSameOrigin(headers: Headers) {
  if (!isSameOrigin(headers)) throw new Refusal(403, 'This was sent from another site.')
}

/** Browsers always say where a request comes from. Other clients need not, because no other site controls them. */
function isSameOrigin(headers: Headers) {
  const origin = headers.get('origin')
  if (origin === null) return !/^(cross|same)-site$/.test(headers.get('sec-fetch-site') ?? '')
  const host = headers.get('x-forwarded-host') ?? headers.get('host')
  return URL.canParse(origin) && new URL(origin).host === host
}
