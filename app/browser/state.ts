import { type EventName, type Events, laterStatus, type Touched } from '@/lib/realtime/events'
import type {
  Conversation,
  ConversationView,
  Invitation,
  Invitations,
  Person,
  Receipt,
  Status,
} from '@/lib/views'

/** What an open page shows, except the messages of a conversation. */
export type State = {
  userId: string
  conversations: Record<string, ConversationView>
  /** Pending ones, and those answered since the page was opened. */
  invitations: Record<string, Invitation>
  /** The latest known status of each person. */
  people: Record<string, Status>
}

/** What the server loads for a page's state. */
export type Overview = { conversations: ConversationView[]; invitations: Invitations }

/** An event and when it was received (ISO 8601). */
export type StoreEvent = { [Name in EventName]: { name: Name; data: Events[Name]; at: string } }[EventName]

export const emptyState = (userId: string): State => ({
  userId,
  conversations: {},
  invitations: {},
  people: {},
})

/**
 * The state after an event. Events may be repeated and may come in any order: the higher `seq` or cursor, the later
 * status, and the answered invitation win.
 */
export function applyEvent(state: State, { name, data, at }: StoreEvent): State {
  switch (name) {
    case 'message.created':
      return touch(state, { conversationId: data.conversationId, newest: data })
    case 'conversation.touched':
      return touch(state, data)
    case 'conversation.created':
      return addConversations(state, [viewOf(data.conversation, state.userId, at)])
    case 'receipt.updated':
      return change(state, data.conversationId, (known) => ({
        ...known,
        lastReadSeq: data.userId === state.userId ? latest(known, data, 'lastReadSeq') : known.lastReadSeq,
        receipts: moveReceipt(known.receipts, data),
      }))
    case 'member.joined':
      return changePeople(state, data, true)
    case 'member.left':
      return changePeople(state, data, false)
    case 'invitation.created':
    case 'invitation.answered':
      return addInvitations(state, [data])
    case 'status.changed':
      return addStatuses(state, data.people)
  }
}

/** Adds what the server rendered for a page. Nothing is removed. */
export const addOverview = (state: State, { conversations = [], invitations }: Partial<Overview>) =>
  addInvitations(addConversations(state, conversations), [
    ...(invitations?.received ?? []),
    ...(invitations?.sent ?? []),
  ])

/** Adds an overview and removes what it no longer lists. */
export function replaceOverview(state: State, overview: Overview): State {
  const ids = new Set(overview.conversations.map(({ id }) => id))
  const listed = Object.values(state.conversations).filter(({ id }) => ids.has(id))
  const answered = Object.values(state.invitations).filter(({ status }) => status !== 'pending')
  const kept = { ...state, conversations: byId(listed), invitations: byId(answered) }
  return addOverview(kept, overview)
}

/** Records that the person has read up to `seq` on this page. It is not reported to the server yet. */
export const markRead = (state: State, conversationId: string, seq: number) =>
  change(state, conversationId, (known) => (seq > known.lastReadSeq ? { ...known, lastReadSeq: seq } : known))

function touch(
  state: State,
  { conversationId, newest, lastReadSeq = 0, person, isClosed, hasLeft }: Touched,
): State {
  if (hasLeft) {
    const { [conversationId]: _, ...conversations } = state.conversations
    return { ...state, conversations }
  }
  const { userId } = state
  // The sender has read everything up to their message.
  const readSeq = Math.max(lastReadSeq, newest?.sender.id === userId ? newest.seq : 0)
  const touched = change(state, conversationId, (known) => ({
    ...known,
    ...(newest && newest.seq > known.lastSeq && { newest, lastSeq: newest.seq, activeAt: newest.createdAt }),
    lastReadSeq: Math.max(known.lastReadSeq, readSeq),
    receipts: readSeq
      ? moveReceipt(known.receipts, { userId, lastDeliveredSeq: readSeq, lastReadSeq: readSeq })
      : known.receipts,
    isClosed: isClosed ?? known.isClosed,
  }))
  return person ? addStatuses(touched, [person]) : touched
}

function changePeople(
  state: State,
  { conversationId, ...member }: Person & { conversationId: string },
  isIn: boolean,
) {
  const { id, username, name } = member
  return change(state, conversationId, (known) => {
    const others = known.people.filter((person) => person.id !== id)
    const wasIn = others.length < known.people.length
    if (wasIn === isIn) return known
    const people = isIn
      ? [...others, { id, username, name, status: 'online' as const, lastSeenAt: null }]
      : others
    return { ...known, people }
  })
}

function change(state: State, id: string, update: (known: ConversationView) => ConversationView): State {
  const known = state.conversations[id]
  if (!known) return state
  const changed = update(known)
  return changed === known ? state : { ...state, conversations: { ...state.conversations, [id]: changed } }
}

function addConversations(state: State, added: ConversationView[]): State {
  const merged = added.map((one) => merge(state.conversations[one.id], one))
  const conversations = { ...state.conversations, ...byId(merged) }
  return addStatuses(
    { ...state, conversations },
    added.flatMap(({ people }) => people),
  )
}

function merge(known: ConversationView | undefined, added: ConversationView): ConversationView {
  if (!known) return added
  const { newest, lastSeq, activeAt } = known.lastSeq > added.lastSeq ? known : added
  return {
    ...added,
    // Lists leave out the people of rooms.
    people: added.people.length ? added.people : known.people,
    newest,
    lastSeq,
    activeAt,
    lastReadSeq: latest(known, added, 'lastReadSeq'),
    receipts: added.receipts.reduce(moveReceipt, known.receipts),
  }
}

function viewOf(
  { newest, unread, ...conversation }: Conversation,
  userId: string,
  at: string,
): ConversationView {
  const lastSeq = newest?.seq ?? 0
  const lastReadSeq = lastSeq - unread
  return {
    ...conversation,
    activeAt: newest?.createdAt ?? at,
    newest,
    lastSeq,
    lastReadSeq,
    // So that nothing is reported that the server knows already.
    receipts: [{ userId, lastDeliveredSeq: lastReadSeq, lastReadSeq }],
    isClosed: false,
  }
}

function moveReceipt(receipts: Receipt[], moved: Receipt): Receipt[] {
  const { userId } = moved
  const known = receipts.find((receipt) => receipt.userId === userId) ?? moved
  const lastDeliveredSeq = latest(known, moved, 'lastDeliveredSeq')
  const lastReadSeq = latest(known, moved, 'lastReadSeq')
  return [
    ...receipts.filter((receipt) => receipt.userId !== userId),
    { userId, lastDeliveredSeq, lastReadSeq },
  ]
}

const latest = <Key extends string>(one: Record<Key, number>, other: Record<Key, number>, key: Key) =>
  Math.max(one[key], other[key])

function addInvitations(state: State, added: Invitation[]): State {
  const isAnswered = ({ id }: Invitation) => (state.invitations[id]?.status ?? 'pending') !== 'pending'
  const news = added.filter((one) => !isAnswered(one))
  return { ...state, invitations: { ...state.invitations, ...byId(news) } }
}

export function addStatuses(state: State, added: Status[]): State {
  const people = { ...state.people }
  for (const { id, status, lastSeenAt } of added) {
    const one = { id, status, lastSeenAt }
    people[id] = laterStatus(people[id] ?? one, one)
  }
  return { ...state, people }
}

/** The items by their ids. */
export const byId = <Item extends { id: string }>(items: Item[]): Record<string, Item> =>
  Object.fromEntries(items.map((item) => [item.id, item]))

/** The conversations in the order of the list, the latest first. */
export const listConversations = ({ conversations }: Pick<State, 'conversations'>) =>
  Object.values(conversations).sort(
    (one, other) => compare(other.activeAt, one.activeAt) || compare(one.id, other.id),
  )

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other))

export const unreadOf = ({ lastSeq, lastReadSeq }: ConversationView) => Math.max(0, lastSeq - lastReadSeq)

/** The person's invitations, the latest first: pending ones, and those that the other person has answered. */
export function listInvitations({ invitations, userId }: Pick<State, 'invitations' | 'userId'>) {
  const all = Object.values(invitations).sort((one, other) => compare(other.createdAt, one.createdAt))
  const pending = all.filter(({ status }) => status === 'pending')
  return {
    received: pending.filter(({ invitee }) => invitee.id === userId),
    sent: pending.filter(({ inviter }) => inviter.id === userId),
    answeredByOther: all.filter(({ inviter, invitee, status }) =>
      status === 'withdrawn' ? invitee.id === userId : status !== 'pending' && inviter.id === userId,
    ),
  }
}
