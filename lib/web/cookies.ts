type HeaderReader = Pick<Headers, 'get'>

/** Whether the request came over https. requests.ts keeps this header only where a trusted proxy or AUTH_URL says so. */
export const isHttps = (headers: HeaderReader) => headers.get('x-forwarded-proto') === 'https'

/**
 * The name of one of the site's cookies, for this request. Browsers take a `__Host-` cookie only over https and from
 * this host itself, so that nobody can plant one from another subdomain or over plain http.
 */
export const cookieName = (name: string, headers: HeaderReader) =>
  isHttps(headers) ? `__Host-${name}` : name

export const sessionCookieName = (headers: HeaderReader) => cookieName('parley.session', headers)
