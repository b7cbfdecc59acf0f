import type {
  Conversation,
  Invitation,
  Member,
  Newest,
  Person,
  ReactionLine,
  Receipt,
  SharedMessage,
  Status,
} from '@/lib/views'

/** The data of each event. It contains everything that changed, so that clients need no request. */
export type Events = {
  /** With the conversation's version, so that clients notice missed changes. */
  'message.created': SharedMessage & { conversationVersion: number }
  'message.changed': MessageChanged
  'receipt.updated': Receipt & { conversationId: string }
  /** As this person sees the conversation. Rooms and groups come without their people, because there may be many. */
  'conversation.created': { conversationId: string; conversation: Conversation }
  'conversation.touched': Touched
  'member.joined': Person & { conversationId: string }
  /** `byChoice` is false if the person's attendance in a room expired. */
  'member.left': Person & { conversationId: string; byChoice: boolean }
  'invitation.created': Invitation
  'invitation.answered': Invitation
  'status.changed': { people: Status[] }
  /** For moderators and operators: how many reports are open now. */
  'report.created': { open: number }
  'report.closed': { open: number }
}

/** A message as it is after a change by `actor`. */
export type MessageChanged = {
  message: SharedMessage
  conversationVersion: number
  actor: string
  what: 'edited' | 'deleted' | 'reacted'
  /** Of a reaction, and whether it was added or removed. */
  emoji?: string
  added?: boolean
}

/** Changes of a conversation's list entry. Unread is the newest `said` minus that of the last message read. */
export type Touched = {
  conversationId: string
  /** Its newest message; the body is cut to 200 characters. */
  newest?: Newest
  /** How far this person has read, and how many messages of kind `said` that is. */
  lastReadSeq?: number
  readSaid?: number
  /** How many unread messages mention this person, if that changed. */
  mentions?: number
  /** The latest reaction to a message of this person, if that may have changed. */
  reaction?: ReactionLine
  /** The group's new title. */
  name?: string
  /** A person who joined the group, or whose role has changed. */
  member?: Person & Pick<Member, 'role'>
  /** The id of a person who left the group or was removed. */
  leftId?: string
  /** The other person of a direct conversation. */
  person?: Status
  isClosed?: boolean
  /** Messages before it were deleted; `version` is the conversation's after that. */
  firstSeq?: number
  version?: number
  /** The person is no longer in it. */
  hasLeft?: boolean
}

/**
 * The later of two statuses of a person, which may arrive in any order. At the same time last seen, `offline` is the
 * later one, because going offline usually does not change that time.
 */
export function laterStatus<One extends Status>(one: One, other: One) {
  const [oneAt, otherAt] = [one, other].map(({ lastSeenAt }) => lastSeenAt ?? '')
  if (oneAt === otherAt) return one.status === 'offline' ? one : other
  return String(oneAt) > String(otherAt) ? one : other
}

export type EventName = keyof Events

const names: Record<EventName, true> = {
  'message.created': true,
  'message.changed': true,
  'receipt.updated': true,
  'conversation.created': true,
  'conversation.touched': true,
  'member.joined': true,
  'member.left': true,
  'invitation.created': true,
  'invitation.answered': true,
  'status.changed': true,
  'report.created': true,
  'report.closed': true,
}

/** Whether the server triggers events of that name. */
export const isEventName = (name: string): name is EventName => Object.hasOwn(names, name)

/** The only client event. Soketi sends it from browser to browser. */
export const typingEvent = 'client-typing'
