const here = 'http://parley.invalid'

/**
 * The path, query and hash of `from` as a browser would resolve them if they stay on this site; otherwise `/`.
 * Browsers resolve `/.//evil.example` and `/a/..//evil.example` to `//evil.example`, which names another host.
 */
export function localPath(from: unknown) {
  const isPath = typeof from === 'string' && /^\/[^\\\p{Cc}]*$/u.test(from)
  if (!isPath || !URL.canParse(from, here)) return '/'
  const { origin, pathname, search, hash } = new URL(from, here)
  return origin === here && !pathname.startsWith('//') ? pathname + search + hash : '/'
}
