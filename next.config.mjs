import { apiDocs, everywhere, overHttps } from './lib/web/headers.mjs'

/** @type {import('next').NextConfig} */
export default {
  // `npm test` builds into a folder of its own, so that it can run beside `npm start`.
  distDir: process.env.PARLEY_BUILD_DIR ?? '.next',
  poweredByHeader: false,
  // `npm test` checks the types; a start need not wait for it.
  typescript: { ignoreBuildErrors: true },
  // Native and large modules are loaded from node_modules instead of being bundled.
  serverExternalPackages: [
    'bcrypt',
    'pusher',
    'postgres',
    'postcss',
    '@tailwindcss/postcss',
    '@zxcvbn-ts/language-common',
  ],
  // Takes away /_next/image, which would fetch and resize pictures for anyone; the site has none.
  images: { unoptimized: true },
  // The site writes nothing into its own folder, which may be read-only.
  experimental: { isrFlushToDisk: false },
  // Titles stand in the head from the start, for everyone: streamed in later, they need a script.
  htmlLimitedBots: /.*/,
  // Browsers request it for documents that name no icon.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  headers: async () => [
    // Our own server has set these, and a policy for the page (lib/web/page-gate.ts).
    {
      source: '/:path*',
      missing: [{ type: 'header', key: 'parley-admitted' }],
      headers: asHeaders(everywhere),
    },
    { source: '/api/docs', headers: asHeaders(apiDocs) },
    // The framework says it of its pages itself, and lets files with a hash in their name be kept.
    ...['/api/:path*', '/c/:id/messages', '/overview', '/receipts'].map((source) => ({
      source,
      headers: asHeaders({ 'cache-control': 'no-store' }),
    })),
    {
      source: '/:path*',
      // Without TRUST_PROXY nobody but the site itself says this (server.ts).
      has: [{ type: 'header', key: 'x-forwarded-proto', value: 'https' }],
      headers: asHeaders(overHttps),
    },
  ],
}

/** @param {Record<string, string>} headers */
function asHeaders(headers) {
  return Object.entries(headers).map(([key, value]) => ({ key, value }))
}
