/** @type {import('next').NextConfig} */
export default {
  // `npm test` builds into a folder of its own, so that it can run beside `npm start`.
  distDir: process.env.PARLEY_BUILD_DIR ?? '.next',
  poweredByHeader: false,
}
