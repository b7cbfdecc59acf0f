/** @type {import('next').NextConfig} */
export default {
  // `npm test` builds into a folder of its own, so that it can run beside `npm start`.
  distDir: process.env.PARLEY_BUILD_DIR ?? '.next',
  poweredByHeader: false,
  // `npm test` checks the types; a start need not wait for it.
  typescript: { ignoreBuildErrors: true },
  // Native and large modules load from node_modules as they are.
  serverExternalPackages: ['bcrypt', 'pusher', 'postgres'],
  // Titles stand in the head from the start, for everyone: streamed in later, they need a script.
  htmlLimitedBots: /.*/,
  // Browsers ask for it where a page does not name another, as between two pages.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  // The content security policy has a nonce of each response's own: proxy.ts sets it.
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'x-content-type-options', value: 'nosniff' },
        { key: 'referrer-policy', value: 'same-origin' },
      ],
    },
  ],
}
