/** Names of Pusher channels. authorize.ts decides who may subscribe to them. */
export const userChannel = (userId: string) => `private-user-${userId}`
export const conversationChannel = (conversationId: string) => `private-conversation-${conversationId}`
export const presenceChannel = (conversationId: string) => `presence-conversation-${conversationId}`

/** Announces people's statuses to everyone who is signed in. */
export const peopleChannel = 'private-people'

/** One for each person in a room. While it is occupied, the person is there. */
export const attendanceChannel = (conversationId: string, userId: string) =>
  `private-attendance-${conversationId}_${userId}`

const attendancePattern = /^private-attendance-([^_]+)_([^_]+)$/

export function parseAttendance(name: string): { conversationId: string; userId: string } | undefined {
  const [, conversationId, userId] = attendancePattern.exec(name) ?? []
  return conversationId && userId ? { conversationId, userId } : undefined
}

const pattern = /^(private-user|private-conversation|presence-conversation)-(.+)$/
export type ChannelKind = 'private-user' | 'private-conversation' | 'presence-conversation'

/** @returns the channel's kind and its user's or conversation's id; undefined for any other name */
export function parseChannel(name: string): { kind: ChannelKind; id: string } | undefined {
  const [, kind, id] = pattern.exec(name) ?? []
  return kind && id ? { kind: kind as ChannelKind, id } : undefined
}

/** Pusher's internal channel, to which a socket that has signed in as this login session subscribes. */
export const signInChannel = (loginSessionId: string) => `#server-to-user-${loginSessionId}`
const signInPattern = /^#server-to-user-(.+)$/

/** The login session of a sign-in channel. */
export const signedInSession = (name: string) => signInPattern.exec(name)?.[1]
