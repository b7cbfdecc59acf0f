/**
 * Options with which pusher-js connects to Soketi at this address. After 9 s of silence it sends a ping, and closes the
 * connection if there is no answer within 3 s: the contract gives clients 15 s to notice an outage. Soketi's guard
 * sends something every 8 s (scripts/services/soketi/guard/heartbeat.cjs), so pings are rare.
 */
export function socketOptions(address: string) {
  const { protocol, hostname, port } = new URL(address)
  return {
    cluster: '',
    wsHost: hostname,
    wsPort: Number(port) || 80,
    wssPort: Number(port) || 443,
    forceTLS: protocol === 'https:',
    activityTimeout: 9000,
    pongTimeout: 3000,
    // With `forceTLS` this is the transport over TLS, and pusher-js fails at once if only `wss` is enabled.
    enabledTransports: ['ws' as const],
  }
}

/** The fields of an authorization request: for a channel, or without one to sign the socket in. */
export type SocketFields = { socket_id: string; channel_name?: string }
type Done = (error: Error | null, data: never) => void

/** Options that make pusher-js call `authorize`, for clients that are no browsers. */
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
