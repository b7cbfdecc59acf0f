import { type EventName, type Events, laterStatus, type Touched } from '@/lib/realtime/events'
import type {
  Conversation,
  ConversationView,
  Invitation,
  Invitations,
  Member,
  Newest,
  Person,
  Receipt,
  Status,
} from '@/lib/views'

/** What an open page shows, except the messages of a conversation. */
export type State = {
  userId: string
  /** The latest ones, and others that were opened. */
  conversations: Record<string, ConversationView>
  /** Leads to the next page of the list; null if all are loaded. */
  nextCursor: string | null
  /** The number of unread messages by conversation: enough of those that are not loaded to count to 99. */
  unread: Record<string, number>
  /** Pending ones, and those answered since the page was opened. */
  invitations: Record<string, Invitation>
  /** The latest known status of each person. */
  people: Record<string, Status>
  /** For moderators: how many reports are open. */
  openReports?: number
}

/** A page of the list of conversations, the latest first. */
export type ListPage = { conversations: ConversationView[]; nextCursor: string | null }
/** What the server loads for a page's state. */
export type Overview = ListPage & {
  unread: Record<string, number>
  invitations: Invitations
  openReports?: number
}

/** An event and when it was received (ISO 8601). */
export type StoreEvent = { [Name in EventName]: { name: Name; data: Events[Name]; at: string } }[EventName]

export const emptyState = (userId: string): State => ({
  userId,
  conversations: {},
  nextCursor: null,
  unread: {},
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
      return touch(state, {
        conversationId: data.conversationId,
        newest: data,
        version: data.conversationVersion,
      })
    case 'message.changed':
      return touch(state, {
        conversationId: data.message.conversationId,
        newest: data.message,
        version: data.conversationVersion,
      })
    case 'conversation.touched':
      return touch(state, data)
    case 'conversation.created':
      return addConversations(state, [viewOf(data.conversation, state, at)])
    case 'receipt.updated':
      return change(state, data.conversationId, (known) => ({
        ...known,
        receipts: moveReceipt(known.receipts, data),
      }))
    case 'member.joined':
      return changePeople(state, data, true)
    case 'member.left':
      return changePeople(state, data, false)
    case 'invitation.created':
    case 'invitation.answered':
      return addInvitations(state, [data])
    case 'report.created':
    case 'report.closed':
      return { ...state, openReports: data.open }
    case 'status.changed':
      return addStatuses(state, data.people)
  }
}

/** Adds what the server rendered for a page. Nothing that may be newer is removed. */
export function addOverview(state: State, overview: Overview): State {
  const { conversations, unread, invitations, openReports } = overview
  const added = addConversations({ ...endList(state, overview), unread, openReports }, conversations)
  return addInvitations(added, [...invitations.received, ...invitations.sent])
}

/** Adds an overview and removes what it no longer lists. */
export function replaceOverview(state: State, overview: Overview): State {
  const { conversations, nextCursor, unread } = overview
  const ids = new Set(conversations.map(({ id }) => id))
  const last = conversations.at(-1)
  const isOlder = (one: ConversationView) => nextCursor && last && one.activeAt <= last.activeAt
  // If there are more, it may not contain all that are unread.
  const isComplete = Object.keys(unread).length < 50
  const read = (one: ConversationView) =>
    ids.has(one.id) || one.kind === 'room' || !isComplete
      ? one
      : { ...one, ...readUpTo(one, unread[one.id] ? 0 : one.lastSeq, one.lastSaid - (unread[one.id] ?? 0)) }
  const ended = endList(state, overview)
  const listed = Object.values(ended.conversations).filter((one) => ids.has(one.id) || isOlder(one))
  const answered = Object.values(state.invitations).filter(({ status }) => status !== 'pending')
  const kept = { ...ended, conversations: byId(listed.map(read)), invitations: byId(answered) }
  return addOverview(kept, overview)
}

/**
 * Sets the end of the list after its latest page was loaded. If the page ends with a conversation that is known and has
 * not changed, the older known ones still follow it. Otherwise events were missed, and conversations that are not known
 * may be between them, so the older ones are removed.
 */
function endList(state: State, { conversations, nextCursor }: ListPage): State {
  const last = conversations.at(-1)
  if (!last || !nextCursor) return { ...state, nextCursor }
  const known = state.conversations[last.id]
  if (known && known.lastSeq >= last.lastSeq) return state
  const newer = Object.values(state.conversations).filter(({ activeAt }) => activeAt >= last.activeAt)
  return { ...state, conversations: byId(newer), nextCursor }
}

/** Adds the page of the list that follows `cursor`, unless the end of the list has changed meanwhile. */
export const addPage = (state: State, cursor: string, { conversations, nextCursor }: ListPage): State =>
  state.nextCursor === cursor ? { ...addConversations(state, conversations), nextCursor } : state

/** Records that the person has read up to `seq` on this page. It is not reported to the server yet. */
export const markRead = (
  state: State,
  conversationId: string,
  { seq, said }: { seq: number; said: number },
) =>
  change(state, conversationId, (known) =>
    seq > known.lastReadSeq
      ? { ...known, ...readUpTo(known, seq, said), mentions: seq >= known.lastSeq ? 0 : known.mentions }
      : known,
  )

/** The cursors after reading up to `seq`, which is the message number `said` without notices. */
const readUpTo = (known: ConversationView, seq: number, said: number) => ({
  lastReadSeq: Math.max(known.lastReadSeq, seq),
  readSaid: Math.max(known.readSaid, said),
})

function touch(
  state: State,
  {
    conversationId,
    newest,
    lastReadSeq = 0,
    readSaid = 0,
    mentions,
    reaction,
    name,
    member,
    leftId,
    person,
    isClosed,
    firstSeq = 0,
    version = 0,
    hasLeft,
  }: Touched,
): State {
  if (hasLeft) {
    const { [conversationId]: _, ...conversations } = state.conversations
    return { ...state, conversations }
  }
  const { userId } = state
  const touched = change(state, conversationId, (known) => {
    const moved: ConversationView = {
      ...known,
      name: name ?? known.name,
      people: member || leftId ? changeMember(known.people, member, leftId) : known.people,
      receipts: member && newest ? addReceipt(known.receipts, member.id, newest.seq) : known.receipts,
      version: Math.max(known.version, version),
      firstSeq: Math.max(known.firstSeq, firstSeq),
      ...(newest && laterNewest(known, newest)),
      reaction: laterReaction(known, { reaction }),
      mentions: mentions ?? known.mentions,
      isClosed: isClosed ?? known.isClosed,
    }
    // The sender has read everything up to their message. A notice may be about something done on another page.
    const own = newest?.sender.id === userId && newest.kind === 'said' ? newest : { seq: 0, said: 0 }
    const readSeq = Math.max(lastReadSeq, own.seq)
    if (!readSeq) return withoutExpired(moved)
    const receipt = { userId, lastDeliveredSeq: readSeq, lastReadSeq: readSeq }
    return withoutExpired({
      ...moved,
      ...readUpTo(moved, readSeq, Math.max(readSaid, own.said)),
      receipts: moveReceipt(moved.receipts, receipt),
    })
  })
  return person ? addStatuses(touched, [person]) : touched
}

/** The list's line shows nothing of a message that is no longer kept. */
function withoutExpired(view: ConversationView): ConversationView {
  const { firstSeq, newest, reaction } = view
  const isExpired = (message: { seq: number } | null) => message !== null && message.seq < firstSeq
  if (!isExpired(newest) && !isExpired(reaction.latest)) return view
  return {
    ...view,
    newest: isExpired(newest) ? null : newest,
    reaction: isExpired(reaction.latest) ? { ...reaction, latest: null } : reaction,
  }
}

const laterReaction = ({ reaction }: Pick<ConversationView, 'reaction'>, given: Pick<Touched, 'reaction'>) =>
  given.reaction && given.reaction.version > reaction.version ? given.reaction : reaction

/** The people of a group after one has joined, has another role, or has left. Lists leave out the people. */
function changeMember(people: Member[], member: Touched['member'], leftId: string | undefined) {
  if (!people.length) return people
  const known = people.find(({ id }) => id === member?.id)
  const others = people.filter(({ id }) => id !== leftId && id !== member?.id)
  return member ? [...others, { status: 'online' as const, lastSeenAt: null, ...known, ...member }] : others
}

/** The receipts of a group after somebody joined, for whom everything before counts as read. */
const addReceipt = (receipts: Receipt[], userId: string, seq: number) =>
  receipts.some((receipt) => receipt.userId === userId)
    ? receipts
    : [...receipts, { userId, lastDeliveredSeq: seq, lastReadSeq: seq }]

/** A newer message, or a later copy of the newest one, which does not move the conversation up. */
function laterNewest({ newest, lastSeq }: ConversationView, given: Newest) {
  if (given.seq > lastSeq)
    return { newest: given, lastSeq: given.seq, lastSaid: given.said, activeAt: given.createdAt }
  return given.seq === newest?.seq && given.version > newest.version ? { newest: given } : undefined
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
      ? [
          ...others,
          { id, username, name, role: 'member' as const, status: 'online' as const, lastSeenAt: null },
        ]
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

export function addConversations(state: State, added: ConversationView[]): State {
  const merged = added.map((one) => merge(state.conversations[one.id], one))
  const conversations = { ...state.conversations, ...byId(merged) }
  return addStatuses(
    { ...state, conversations },
    added.flatMap(({ people }) => people),
  )
}

function merge(known: ConversationView | undefined, added: ConversationView): ConversationView {
  if (!known) return added
  const { newest, lastSeq, lastSaid, activeAt } = hasLaterNewest(known, added) ? known : added
  // Each change of a group is a message. An answer that took long does not undo later ones.
  const group = added.kind === 'group' && known.lastSeq > added.lastSeq ? known : added
  return withoutExpired({
    ...added,
    name: group.name,
    version: latest(known, added, 'version'),
    firstSeq: latest(known, added, 'firstSeq'),
    mentions:
      known.lastReadSeq > added.lastReadSeq || known.lastSeq > added.lastSeq
        ? known.mentions
        : added.mentions,
    reaction: laterReaction(known, added),
    lastSaid,
    readSaid: latest(known, added, 'readSaid'),
    // Lists leave out the people of rooms and groups.
    people: [group, added, known].find(({ people }) => people.length)?.people ?? [],
    newest,
    lastSeq,
    activeAt,
    lastReadSeq: latest(known, added, 'lastReadSeq'),
    receipts: added.receipts.reduce(moveReceipt, known.receipts),
  })
}

const hasLaterNewest = (one: ConversationView, other: ConversationView) =>
  one.lastSeq === other.lastSeq
    ? (one.newest?.version ?? 0) > (other.newest?.version ?? 0)
    : one.lastSeq > other.lastSeq

function viewOf(
  { newest, unread, ...conversation }: Conversation,
  { userId, conversations }: Pick<State, 'userId' | 'conversations'>,
  at: string,
): ConversationView {
  const { lastReadSeq, firstSeq } = conversation
  // Without a newest message, all of them have expired.
  const lastSaid = newest?.said ?? firstSeq - 1
  return {
    ...conversation,
    activeAt: newest?.createdAt ?? at,
    newest,
    lastSeq: newest?.seq ?? firstSeq - 1,
    lastSaid,
    readSaid: lastSaid - unread,
    reaction: { version: 0, lastSeq: 0, latest: null },
    // So that nothing is reported that the server knows already.
    receipts: [{ userId, lastDeliveredSeq: lastReadSeq, lastReadSeq }],
    blocked: [],
    // The event does not say it.
    isClosed: conversations[conversation.id]?.isClosed ?? false,
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

/** The loaded conversations in the order of the list, the latest first. */
export const listConversations = ({ conversations }: Pick<State, 'conversations'>) =>
  Object.values(conversations).sort(
    (one, other) => compare(other.activeAt, one.activeAt) || compare(other.id, one.id),
  )

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other))

/** The latest reaction to a message of the person's own, if there is no newer message. */
export const reactionIn = ({ reaction, lastSeq }: Pick<ConversationView, 'reaction' | 'lastSeq'>) =>
  reaction.lastSeq >= lastSeq ? reaction.latest : null

export const unreadOf = ({ lastSaid, readSaid }: ConversationView) => Math.max(0, lastSaid - readSaid)

/** How many unread messages in the loaded conversations mention the person. */
export const countMentions = ({ conversations }: Pick<State, 'conversations'>) =>
  Object.values(conversations).reduce((sum, { mentions }) => sum + mentions, 0)

type Counted = Pick<State, 'conversations' | 'unread'>

/** The ids of unread conversations that are not loaded. */
export const listUnreadOthers = ({ conversations, unread }: Counted) =>
  Object.keys(unread).filter((id) => !conversations[id])

/** The number of unread messages, without those of the conversation in view. */
export function countUnread(state: Counted, idInView?: string) {
  const loaded = Object.values(state.conversations).map((one) => [one.id, unreadOf(one)] as const)
  const others = listUnreadOthers(state).map((id) => [id, state.unread[id] ?? 0] as const)
  return [...loaded, ...others].reduce((sum, [id, count]) => sum + (id === idInView ? 0 : count), 0)
}

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
