import type { Invitation } from '@/lib/invitations'
import type { Message } from '@/lib/messages'
import type { Person } from '@/lib/users'

/** What is said on the channels, by event. */
export type Events = {
  'message.created': Message
  'receipt.updated': { conversationId: string; userId: string; lastDeliveredSeq: number; lastReadSeq: number }
  'conversation.created': { conversationId: string }
  /** Its list entry changed: a new message, a read one, somebody's status. */
  'conversation.touched': { conversationId: string }
  'member.joined': Person & { conversationId: string }
  /** Who did not choose to was only not seen any more. */
  'member.left': Person & { conversationId: string; byChoice: boolean }
  'invitation.created': Invitation
  'invitation.answered': Invitation
}

export type EventName = keyof Events

const names: Record<EventName, true> = {
  'message.created': true,
  'receipt.updated': true,
  'conversation.created': true,
  'conversation.touched': true,
  'member.joined': true,
  'member.left': true,
  'invitation.created': true,
  'invitation.answered': true,
}

/** Whether the server triggers such an event. */
export const isEventName = (name: string): name is EventName => Object.hasOwn(names, name)

/** The one client event: it goes from browser to browser through Soketi. */
export const typingEvent = 'client-typing'
