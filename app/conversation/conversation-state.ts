import { findGap, mergeMessages } from '@/app/browser/merge-messages'
import type { Pending } from '@/app/browser/outbox'
import type { Message } from '@/lib/views'

/** A line between messages that says who joined or left, shown after the message `afterSeq`. */
export type Note = { id: number; afterSeq: number; text: string }

/** What an open conversation shows besides its entry in the store. */
export type ConversationState = {
  userId: string
  messages: Message[]
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
  /** Messages from the server: the page's own, older ones, or missed ones. */
  | { type: 'loaded'; messages: Message[] }
  | { type: 'received'; message: Message; announcement: string }
  | { type: 'noted'; text: string }
  | { type: 'present'; ids: string[] }
  | { type: 'came' | 'went'; id: string }
  | { type: 'typing' | 'stopped'; id: string }
  /** `stored` was just stored and is no longer in the outbox. */
  | { type: 'outbox'; entries: Pending[]; stored?: Message }
  | { type: 'edit'; nonce: string }

const maxNotes = 30

export type OpenedPage = {
  userId: string
  messages: Message[]
  isNewest: boolean
  /** How far the person had read when the page was opened. */
  lastReadSeq: number
}

export const openedState = ({ userId, messages, isNewest, lastReadSeq }: OpenedPage): ConversationState => ({
  userId,
  messages,
  isNewest,
  firstNewSeq: messages.find(({ seq, sender }) => seq > lastReadSeq && sender.id !== userId)?.seq,
  notes: [],
  announcement: '',
  here: [],
  typing: [],
  entries: [],
})

/** @returns the same object if the action changes nothing, so that React doesn't render again */
export function reduceConversation(state: ConversationState, action: ConversationAction): ConversationState {
  const { here, typing } = state
  switch (action.type) {
    case 'loaded':
      return change(state, { messages: mergeMessages(state.messages, action.messages) })
    case 'received':
      return receive(state, action.message, action.announcement)
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
      return change(state, { entries: action.entries, messages: addNewest(state, action.stored) })
    case 'edit':
      return change(state, { editedNonce: action.nonce })
  }
}

function change(state: ConversationState, changes: Partial<ConversationState>): ConversationState {
  const changed = { ...state, ...changes }
  const isSame = Object.keys(changes).every(
    (key) => changed[key as keyof ConversationState] === state[key as keyof ConversationState],
  )
  return isSame ? state : changed
}

function receive(state: ConversationState, message: Message, announcement: string) {
  const typing = without(state.typing, message.sender.id)
  // A repeated send triggers the event again, however old the message is.
  const isOld = message.seq < (state.messages[0]?.seq ?? 0)
  if (isOld || state.messages.some(({ seq }) => seq === message.seq)) return change(state, { typing })
  const isOwn = message.sender.id === state.userId
  return change(state, {
    typing,
    messages: addNewest(state, message),
    announcement: isOwn ? state.announcement : announcement,
  })
}

const addNewest = ({ messages, isNewest }: ConversationState, message: Message | undefined) =>
  isNewest && message ? mergeMessages(messages, [message]) : messages

const addNote = (state: ConversationState, text: string) => {
  const id = (state.notes.at(-1)?.id ?? 0) + 1
  return [...state.notes, { id, afterSeq: newestSeqOf(state), text }].slice(-maxNotes)
}

const without = (ids: string[], id: string) => (ids.includes(id) ? ids.filter((one) => one !== id) : ids)

export const newestSeqOf = ({ messages }: ConversationState) => messages.at(-1)?.seq ?? 0

/**
 * The `seq` after which messages are missing: before a gap, or before the conversation's newest message.
 * @param lastSeq the newest message's `seq`, as far as the page knows
 */
export function missingAfter(state: ConversationState, lastSeq: number) {
  const newest = newestSeqOf(state)
  return findGap(state.messages) ?? (state.isNewest && newest < lastSeq ? newest : undefined)
}

/** The outbox's entries that are messages of the conversation by now, and those that are not. */
export function splitEntries({ userId, messages, entries }: ConversationState) {
  const nonces = new Set(messages.flatMap(({ sender, nonce }) => (sender.id === userId ? nonce : [])))
  return {
    stored: entries.filter(({ nonce }) => nonces.has(nonce)),
    pending: entries.filter(({ nonce }) => !nonces.has(nonce)),
  }
}

/** A refused text that goes back to the composer. It replaces a text there only if the person wants to edit it. */
export type Refused = { nonce: string; body: string; refusal?: string; isWanted: boolean }

/** The refused entry that the person wants to edit; otherwise one that was written since the page was loaded. */
export function refusedEntry(pending: Pending[], editedNonce: string | undefined): Refused | undefined {
  const refused = pending.filter(({ refusal }) => refusal !== undefined)
  const edited = refused.find(({ nonce }) => nonce === editedNonce)
  const found = edited ?? refused.find(({ isFresh }) => isFresh)
  return found && { ...found, isWanted: found === edited }
}
