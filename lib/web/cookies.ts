type HeaderReader = Pick<Headers, 'get'>

/** Whether the request came over https. requests.ts keeps this header only if a trusted proxy or AUTH_URL sets it. */
export const isHttps = (headers: HeaderReader) => headers.get('x-forwarded-proto') === 'https'

/**
 * The name of a cookie for this request. Browsers accept a `__Host-` cookie only over https and from this host, so that
 * another subdomain, or plain http, cannot set it.
 */
export const cookieName = (name: string, headers: HeaderReader) =>
  isHttps(headers) ? `__Host-${name}` : name

export const sessionCookieName = (headers: HeaderReader) => cookieName('parley.session', headers)
