// The shapes that pages, the API and events show. Types only, so that code in the browser can import them.

/** A person by name alone. */
export type Person = { id: string; username: string; name: string }

/** A person as others see them. */
export type User = Person & { status: 'online' | 'offline'; lastSeenAt: string | null }

/** Whether a person is online, and when they were last seen. */
export type Status = Pick<User, 'id' | 'status' | 'lastSeenAt'>

export type Message = {
  id: string
  conversationId: string
  /** Its place in the conversation: 1, 2, 3, … with no gap. */
  seq: number
  sender: Person
  body: string
  nonce: string
  createdAt: string
}

/** The newest message as a list of conversations shows it: the body is cut to 200 characters. */
export type Newest = Pick<Message, 'seq' | 'sender' | 'body' | 'createdAt'>

/** How far a person has received and read a conversation. */
export type Receipt = { userId: string; lastDeliveredSeq: number; lastReadSeq: number }

export type Conversation = {
  id: string
  kind: 'direct' | 'group' | 'room'
  /** In a direct conversation, the other person's name. */
  name: string
  people: User[]
  newest: Message | null
  unread: number
}

/** A conversation as pages show it. */
export type ConversationView = Omit<Conversation, 'newest' | 'unread'> & {
  newest: Newest | null
  lastSeq: number
  /** How far the person has read. */
  lastReadSeq: number
  /** In a room, and in a closed conversation, only the person's own. */
  receipts: Receipt[]
  /** One of the two has blocked the other. */
  isClosed: boolean
  /** When the latest message was sent, or the conversation created. */
  activeAt: string
}

export type Invitation = {
  id: string
  status: 'pending' | 'accepted' | 'rejected' | 'withdrawn'
  inviter: Person
  invitee: Person
  createdAt: string
}

export type Invitations = { received: Invitation[]; sent: Invitation[] }

export type Room = { id: string; name: string }

/** A text that was not sent, for the composer, with the nonce it was to be sent with. */
export type Draft = { id: string; body: string; nonce: string }
