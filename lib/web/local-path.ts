/** Only a path on this site: anything else could send people elsewhere. */
export function localPath(from: unknown) {
  return typeof from === 'string' && /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(from) ? from : '/'
}
