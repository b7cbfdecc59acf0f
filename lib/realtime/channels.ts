/** Names of Pusher channels: who may subscribe to which stands in authorize.ts. */
export const userChannel = (userId: string) => `private-user-${userId}`
export const conversationChannel = (conversationId: string) => `private-conversation-${conversationId}`
export const presenceChannel = (conversationId: string) => `presence-conversation-${conversationId}`

const pattern = /^(private-user|private-conversation|presence-conversation)-(.+)$/
export type ChannelKind = 'private-user' | 'private-conversation' | 'presence-conversation'

/** @returns the channel's kind and whose it is, or nothing for any other name */
export function parseChannel(name: string): { kind: ChannelKind; id: string } | undefined {
  const [, kind, id] = pattern.exec(name) ?? []
  return kind && id ? { kind: kind as ChannelKind, id } : undefined
}

const signInPattern = /^#server-to-user-(.+)$/

/** The login session whose signed-in sockets a channel of Pusher's own stands for. */
export const signedInSession = (name: string) => signInPattern.exec(name)?.[1]
