// What every answer bears. Read by next.config.mjs, for platforms that have a server of their own, and by
// requests.ts, for what the framework answers before it looks at its settings.

/** Files, errors and the API too. */
export const everywhere = {
  // Nothing may be loaded by, or frame, what is no page. Pages have a policy of their own: proxy.ts.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
}

/** Never on plain http. */
export const overHttps = {
  'strict-transport-security': 'max-age=63072000',
  // Browsers take it over https alone, and complain of it otherwise.
  'cross-origin-opener-policy': 'same-origin',
}
