/** The address at which this machine reaches a server that listens on `host`. */
export function addressOf(host: string, port: number) {
  const reachable = host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
