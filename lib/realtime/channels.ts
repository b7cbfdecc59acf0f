/** Names of Pusher channels: who may subscribe to which stands in authorize.ts. */
export const userChannel = (userId: string) => `private-user-${userId}`
export const conversationChannel = (conversationId: string) => `private-conversation-${conversationId}`
export const presenceChannel = (conversationId: string) => `presence-conversation-${conversationId}`

/** Where statuses are announced, to everyone who is signed in. */
export const peopleChannel = 'private-people'

/** One of these for each person in a room: that it is occupied says that they are there. */
export const attendanceChannel = (conversationId: string, userId: string) =>
  `private-attendance-${conversationId}_${userId}`

const attendancePattern = /^private-attendance-([^_]+)_([^_]+)$/

export function parseAttendance(name: string): { conversationId: string; userId: string } | undefined {
  const [, conversationId, userId] = attendancePattern.exec(name) ?? []
  return conversationId && userId ? { conversationId, userId } : undefined
}

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
