/** How pusher-js reaches Soketi at an address, with no other server of Pusher's in play. */
export function socketOptions(address: string) {
  const { protocol, hostname, port } = new URL(address)
  const isSecure = protocol === 'https:'
  return {
    cluster: '',
    wsHost: hostname,
    wsPort: Number(port) || 80,
    wssPort: Number(port) || 443,
    forceTLS: isSecure,
    enabledTransports: [isSecure ? ('wss' as const) : ('ws' as const)],
  }
}
