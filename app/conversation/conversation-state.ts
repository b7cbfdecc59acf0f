import { findGap } from '@/app/browser/merge-messages'
import type { Pending } from '@/app/browser/outbox'
import type { Events } from '@/lib/realtime/events'
import { createdMessage, ownCopy } from '@/lib/realtime/own-copy'
import type { Message, MessageUpdates, Person } from '@/lib/views'
import { addCopies, catchUp, type Received, receiveVersion } from './message-copies'

/** A line between messages that says who joined or left, shown after the message `afterSeq`. */
export type Note = { id: number; afterSeq: number; text: string }

/** What an open conversation shows besides its entry in the store. */
export type ConversationState = {
  userId: string
  messages: Message[]
  /** The first message that is kept. Older ones are not shown. */
  firstSeq: number
  /** Copies of changed messages that are not shown. */
  others: Message[]
  /** Which changes of messages were received. */
  received: Received
  /** Whether these are the newest messages. New ones are not added to an older page. */
  isNewest: boolean
  /** The first message that was unread when the page was opened. */
  firstNewSeq?: number
  notes: Note[]
  /** The latest message from somebody else, for screen readers. */
  announcement: string
  /** The ids of the people who have the conversation open. */
  here: string[]
  /** The ids of the people who are typing. */
  typing: string[]
  /** The outbox's entries for this conversation. */
  entries: Pending[]
  /** The nonce of a refused entry that the person wants to edit. */
  editedNonce?: string
}

export type ConversationAction =
  /** Messages from the server: the page's own, older ones, or those of a gap. `version` is the conversation's then. */
  | { type: 'loaded'; messages: Message[]; version: number; firstSeq?: number }
  /** What was missed after the newest known message and since a version. */
  | { type: 'caughtUp'; since: number; updates: MessageUpdates }
  | { type: 'received'; message: Events['message.created']; announcement: string }
  | { type: 'changed'; change: Events['message.changed'] }
  /** The messages before `firstSeq` are no longer kept. That was a change of the conversation, too. */
  | { type: 'expired'; firstSeq: number; version: number }
  /** A person has deleted the account, and is called “Deleted person” now. */
  | { type: 'renamed'; person: Person }
  | { type: 'noted'; text: string }
  | { type: 'present'; ids: string[] }
  | { type: 'came' | 'went'; id: string }
  | { type: 'typing' | 'stopped'; id: string }
  /** `stored` was just stored or changed, and its entry leaves the outbox. */
  | { type: 'outbox'; entries: Pending[]; stored?: Message }
  | { type: 'edit'; nonce: string }

const maxNotes = 30

export type OpenedPage = {
  userId: string
  messages: Message[]
  version: number
  isNewest: boolean
  /** How far the person had read when the page was opened. */
  lastReadSeq: number
}

export const openedState = ({
  userId,
  messages,
  version,
  isNewest,
  lastReadSeq,
}: OpenedPage): ConversationState => ({
  userId,
  messages,
  firstSeq: 1,
  others: [],
  received: { version, ahead: [] },
  isNewest,
  firstNewSeq: messages.find(
    ({ seq, kind, sender }) => seq > lastReadSeq && kind === 'said' && sender.id !== userId,
  )?.seq,
  notes: [],
  announcement: '',
  here: [],
  typing: [],
  entries: [],
})

/** @returns the same object if the action changes nothing, so that React doesn't render again */
export function reduceConversation(state: ConversationState, action: ConversationAction): ConversationState {
  const { firstSeq } = 'updates' in action ? action.updates : { firstSeq: 1, ...action }
  return dropExpired(reduce(state, action), Math.max(state.firstSeq, firstSeq))
}

/** Requests and events may bring messages that have expired meanwhile. */
function dropExpired(state: ConversationState, firstSeq: number) {
  const isExpired = (one: { seq: number } | null) => one !== null && one.seq < firstSeq
  const keep = (messages: Message[]) =>
    messages.some((one) => isExpired(one) || isExpired(one.replyTo))
      ? messages
          .filter((one) => !isExpired(one))
          .map((one) => (isExpired(one.replyTo) ? { ...one, replyTo: null } : one))
      : messages
  return change(state, { firstSeq, messages: keep(state.messages), others: keep(state.others) })
}

function reduce(state: ConversationState, action: ConversationAction): ConversationState {
  const { here, typing } = state
  switch (action.type) {
    case 'loaded':
      return load(state, action)
    case 'caughtUp':
      return update(state, action)
    case 'changed':
      return receiveChange(state, action.change)
    case 'received':
      return receive(state, action.message, action.announcement)
    case 'expired':
      return change(state, { received: receiveVersion(state.received, action.version) })
    case 'renamed':
      return change(state, { messages: rename(state.messages, action.person) })
    case 'noted':
      return change(state, { notes: addNote(state, action.text) })
    case 'present':
      return change(state, { here: action.ids })
    case 'came':
      return change(state, { here: [...without(here, action.id), action.id] })
    case 'went':
      return change(state, { here: without(here, action.id) })
    case 'typing':
      return change(state, { typing: typing.includes(action.id) ? typing : [...typing, action.id] })
    case 'stopped':
      return change(state, { typing: without(typing, action.id) })
    case 'outbox':
      return change(state, { entries: action.entries, ...addStored(state, action.stored) })
    case 'edit':
      return change(state, { editedNonce: action.nonce })
  }
}

const rename = (messages: Message[], { id, username, name }: Person) =>
  messages.some(({ sender }) => sender.id === id && sender.username !== username)
    ? messages.map((one) => (one.sender.id === id ? { ...one, sender: { id, username, name } } : one))
    : messages

function change(state: ConversationState, changes: Partial<ConversationState>): ConversationState {
  const changed = { ...state, ...changes }
  const isSame = Object.keys(changes).every(
    (key) => changed[key as keyof ConversationState] === state[key as keyof ConversationState],
  )
  return isSame ? state : changed
}

/** Messages that were loaded before a change which the page knows may lack it, so it has to catch up from there. */
function load(state: ConversationState, { messages, version }: { messages: Message[]; version: number }) {
  const { received } = state
  return change(state, {
    ...addCopies(state, messages, () => true),
    received: version < received.version ? { ...received, version } : received,
  })
}

function update(state: ConversationState, { since, updates }: { since: number; updates: MessageUpdates }) {
  const { changed, version, more } = updates
  const messages = state.isNewest ? updates.messages : []
  // Changes of messages after a page that was cut off are not in it.
  const isCutOff = more && messages.length > 0 && newestSeqOf(state) > newestSeqOf({ messages })
  return change(state, {
    ...addCopies(
      state,
      [...changed, ...messages],
      (message) => messages.includes(message) || isKnown(state, message),
    ),
    // Older messages may have been added meanwhile, which need earlier changes.
    received:
      since <= state.received.version && !isCutOff ? catchUp(state.received, version) : state.received,
  })
}

function receiveChange(
  state: ConversationState,
  { message, conversationVersion, ...what }: Events['message.changed'],
) {
  const known = [...state.messages, ...state.others].find(({ seq }) => seq === message.seq)
  const copy = ownCopy(message, known, state.userId, what)
  return change(state, {
    ...addCopies(state, [copy], (message) => isKnown(state, message)),
    received: receiveVersion(state.received, conversationVersion),
  })
}

const isKnown = ({ messages }: ConversationState, { seq }: Message) => messages.some((one) => one.seq === seq)

const isOlder = ({ messages }: ConversationState, { seq }: Message) => seq < (messages[0]?.seq ?? 0)

function receive(state: ConversationState, event: Events['message.created'], announcement: string) {
  const message = createdMessage(event, state.userId)
  const typing = without(state.typing, message.sender.id)
  // A repeated send triggers the event again, however old the message is.
  if (isOlder(state, message) || isKnown(state, message)) return change(state, { typing })
  const isOwn = message.sender.id === state.userId
  return change(state, {
    typing,
    ...(state.isNewest && addCopies(state, [message], () => true)),
    announcement: isOwn ? state.announcement : announcement,
  })
}

/** A message of the outbox: a new one, or a later copy, which may belong to an older page. */
const addStored = (state: ConversationState, message: Message | undefined) =>
  message &&
  addCopies(state, [message], (one) => isKnown(state, one) || (state.isNewest && !isOlder(state, one)))

const addNote = (state: ConversationState, text: string) => {
  const id = (state.notes.at(-1)?.id ?? 0) + 1
  return [...state.notes, { id, afterSeq: newestSeqOf(state), text }].slice(-maxNotes)
}

const without = (ids: string[], id: string) => (ids.includes(id) ? ids.filter((one) => one !== id) : ids)

export const newestSeqOf = ({ messages }: Pick<ConversationState, 'messages'>) => messages.at(-1)?.seq ?? 0

/**
 * What to ask the server for: everything after the newest message and since the version up to which changes are known,
 * or the messages of a gap. Undefined if nothing is missing.
 * @param known the conversation's newest `seq` and version, as far as the page knows
 */
export function findMissing(state: ConversationState, known: { lastSeq: number; version: number }) {
  const { messages, received, isNewest } = state
  const after = Math.max(newestSeqOf(state), state.firstSeq - 1)
  if (received.version < known.version || (isNewest && after < known.lastSeq))
    return { after, since: received.version }
  const gap = findGap(messages)
  return gap === undefined ? undefined : { after: gap }
}

/**
 * The outbox's entries: messages that are stored by now, with their copies; messages that are not; and changes of
 * messages.
 */
export function splitEntries({ userId, messages, entries }: ConversationState) {
  const own = new Map(
    messages.flatMap((message) => (message.sender.id === userId ? [[message.nonce, message]] : [])),
  )
  const sent = entries.filter(({ change }) => !change)
  return {
    stored: sent.flatMap(({ nonce }) => own.get(nonce) ?? []),
    pending: sent.filter(({ nonce }) => !own.has(nonce)),
    changes: entries.filter(({ change }) => change),
  }
}

/** A refused text that goes back to the composer. It replaces a text there only if the person wants to edit it. */
export type Refused = Pick<Pending, 'nonce' | 'body' | 'replyTo' | 'refusal'> & { isWanted: boolean }

/** The refused entry that the person wants to edit; otherwise one that was written since the page was loaded. */
export function refusedEntry(pending: Pending[], editedNonce: string | undefined): Refused | undefined {
  const refused = pending.filter(({ refusal }) => refusal !== undefined)
  const edited = refused.find(({ nonce }) => nonce === editedNonce)
  const found = edited ?? refused.find(({ isFresh }) => isFresh)
  return found && { ...found, isWanted: found === edited }
}
