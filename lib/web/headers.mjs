// Headers of every response. next.config.mjs sets them on platforms; requests.ts sets them in server.ts, because
// Next.js answers some requests before it applies its configuration.

/** Also for files, errors and the API. */
export const everywhere = {
  // For everything except pages, which have a policy of their own (content-security-policy.ts).
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
}

/** The API's documentation: a page with the site's styles and no scripts. */
export const apiDocs = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

/** Never on plain http. */
export const overHttps = {
  'strict-transport-security': 'max-age=63072000',
  // Browsers ignore it on plain http, with a warning.
  'cross-origin-opener-policy': 'same-origin',
}
