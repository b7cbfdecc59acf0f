/**
 * How pusher-js reaches Soketi at an address, with no other server of Pusher's in play. After 5 s of silence it sends
 * a ping, and gives the connection up if nothing comes within 4 s: the contract gives clients 15 s to notice.
 */
export function socketOptions(address: string) {
  const { protocol, hostname, port } = new URL(address)
  const isSecure = protocol === 'https:'
  return {
    cluster: '',
    wsHost: hostname,
    wsPort: Number(port) || 80,
    wssPort: Number(port) || 443,
    forceTLS: isSecure,
    activityTimeout: 5000,
    pongTimeout: 4000,
    enabledTransports: [isSecure ? ('wss' as const) : ('ws' as const)],
  }
}

/** What signing a socket in, or into a channel where one is named, is asked with. */
export type SocketFields = { socket_id: string; channel_name?: string }
type Done = (error: Error | null, data: never) => void

/** For who is no browser: what signs a socket in, and into a channel where one is named, is a function. */
export function authorizedBy(authorize: (fields: SocketFields) => unknown) {
  const answer = async (fields: SocketFields, done: Done) => {
    try {
      done(null, (await authorize(fields)) as never)
    } catch (error) {
      done(error as Error, null as never)
    }
  }
  const byFunction = { endpoint: '', transport: 'ajax' as const }
  return {
    channelAuthorization: {
      ...byFunction,
      customHandler: ({ socketId, channelName }: { socketId: string; channelName: string }, done: Done) =>
        answer({ socket_id: socketId, channel_name: channelName }, done),
    },
    userAuthentication: {
      ...byFunction,
      customHandler: ({ socketId }: { socketId: string }, done: Done) =>
        answer({ socket_id: socketId }, done),
    },
  }
}
