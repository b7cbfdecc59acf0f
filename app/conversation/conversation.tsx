'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useMemo, useReducer, useState } from 'react'
import type { Pending } from '@/app/browser/outbox'
import { useConversation, useStore } from '@/app/browser/store-context'
import { pathOf } from '@/app/conversation/permalink'
import { fullName } from '@/app/ui/person-name'
import { Title } from '@/app/ui/title'
import type { ConversationView, Draft, Message, Person, SharedMessage } from '@/lib/views'
import { blockedText, isBlocked } from './blocked-message'
import { Composer } from './composer'
import { newestSeqOf, openedState, reduceConversation, refusedEntry } from './conversation-state'
import { Header } from './header'
import { LiveFrame } from './live-frame'
import { MessageList } from './message-list'
import { rightsOf } from './message-rights'
import { OlderMessages } from './older-messages'
import { type PackedMessage, unpackMessages } from './packed-messages'
import { showChanges } from './pending-changes'
import { PendingMessages } from './pending-messages'
import { PeoplePanel } from './people-panel'
import { permalink } from './permalink'
import { useConversationChannels } from './use-channels'
import { useEditing } from './use-editing'
import { useMissingMessages } from './use-missing-messages'
import { useOutbox } from './use-outbox'
import { useReading } from './use-reading'
import { useReply } from './use-reply'
import { WithActions } from './with-actions'

/** Larger rooms don't show who is typing. */
const maxPresence = 20

const isWaiting = (entries: Pending[]) => entries.some(({ holdUp }) => holdUp !== undefined)

type ConversationProps = {
  conversation: ConversationView
  messages: PackedMessage[]
  /** The conversation's version when the messages were loaded. */
  version: number
  /** Whether the messages are the newest ones. */
  isNewest: boolean
  /** The message that the page's address asks to answer. */
  answered?: Message
  /** Proves to the action for whom the composer was rendered. */
  owner: string
  nonce: string
  draft?: Draft
  /** The button that leaves a room. */
  leave?: ReactNode
}

/** An open conversation: its header, messages and composer. The hooks dispatch events to one reducer. */
export function Conversation({
  conversation: rendered,
  messages: packed,
  version,
  isNewest,
  answered,
  owner,
  nonce,
  draft,
  leave,
}: ConversationProps) {
  const store = useStore()
  const { userId } = store
  const router = useRouter()
  const conversation = useConversation(rendered)
  const onPage = useMemo(() => unpackMessages(packed, rendered.id), [packed, rendered.id])
  const { id, name, kind, people, isClosed } = conversation
  const isRoom = kind === 'room'
  const isDirect = kind === 'direct'
  const path = pathOf(conversation)
  // In a direct conversation the heading shows the username already.
  const nameOf = isDirect ? (person: Person) => person.name : fullName

  // The server may not know yet what was read on this page before, nor does a page from the browser's history.
  const lastReadSeq = Math.max(rendered.lastReadSeq, store.readHere.get(id) ?? 0)
  const [state, dispatch] = useReducer(
    reduceConversation,
    { userId, messages: onPage, version, isNewest, lastReadSeq },
    openedState,
  )
  useEffect(() => dispatch({ type: 'loaded', messages: onPage, version }), [onPage, version])
  const loadOlder = useMissingMessages(id, state, conversation, dispatch)
  const [quoted, reply] = useReply({ conversationId: id, path }, state.messages, answered)
  const outbox = useOutbox({ conversationId: id, path }, onPage, state, dispatch)
  const [hasPresence] = useState(people.length <= maxPresence)
  const notifyTyping = useConversationChannels(
    { id, isRoom, hasPresence: hasPresence && !isClosed },
    dispatch,
    {
      announce: (message) => announcementOf(message, conversation, nameOf),
      // The page of a room joins it when it is rendered again. That of a group is gone.
      onLeft: (byChoice) => (isRoom && byChoice ? router.push('/rooms') : router.refresh()),
    },
  )
  useReading(rendered, state)

  const { messages } = state
  const shown = showChanges(messages, outbox.changes, userId)
  const { edit, edited } = useEditing(shown, outbox.change)
  const mayEdit = (message: Message) => rightsOf(message, conversation, userId).edit
  function editLast() {
    const last = shown.findLast(mayEdit)
    if (last) edit(last.seq)
  }
  const others = people.filter((person) => person.id !== userId)
  const other = isDirect ? others[0] : undefined
  const typists = people.filter((person) => state.typing.includes(person.id)).map(nameOf)
  return (
    <div className="conversation flex h-full">
      <Title openId={id}>{name}</Title>
      <div className="flex min-w-0 flex-1 flex-col">
        <Header conversation={conversation} other={other} here={state.here}>
          {leave}
        </Header>
        <div className="scroller flex min-h-0 flex-1 flex-col-reverse overflow-y-auto">
          <WithActions
            messages={shown}
            conversation={conversation}
            userId={userId}
            path={path}
            editedSeq={edited?.seq}
            reply={isNewest ? reply : undefined}
            setReaction={outbox.setReaction}
            edit={edit}
            remove={(seq) => outbox.change({ what: 'delete', seq })}
          >
            <OlderMessages
              path={path}
              firstSeq={messages[0]?.seq ?? 0}
              keptSeq={Math.max(conversation.firstSeq, state.firstSeq)}
              load={loadOlder}
            />
            {messages.length === 0 && conversation.firstSeq === 1 && outbox.pending.length === 0 && (
              <p className="text-muted p-4 text-center">
                No messages yet. Say hello{other && ` to ${name}`}.
              </p>
            )}
            <MessageList
              state={{ ...state, messages: shown }}
              edited={edited}
              path={path}
              setReaction={isClosed ? undefined : outbox.setReaction}
              conversation={conversation}
            >
              {isNewest && (
                <PendingMessages
                  pending={[...outbox.pending, ...outbox.changes.filter(({ refusal }) => refusal)]}
                  isAside={isDirect}
                  tryAgain={outbox.tryAgain}
                  edit={(nonce) => dispatch({ type: 'edit', nonce })}
                  save={outbox.save}
                  discard={outbox.discard}
                />
              )}
            </MessageList>
            {!isNewest && (
              <p className="flex justify-center gap-6 p-4">
                <Link href={permalink(path, newestSeqOf(state))} prefetch={false} className="link">
                  Newer messages
                </Link>
                <Link href={path} prefetch={false} className="link">
                  Newest messages
                </Link>
              </p>
            )}
          </WithActions>
        </div>
        {isNewest && <LiveFrame path={path} after={onPage.at(-1)?.seq ?? 0} since={version} />}
        <p className="text-muted h-5 truncate px-4 text-sm">
          {typists.length > 0 && `${typists.join(', ')} ${typists.length > 1 ? 'are' : 'is'} typing…`}
        </p>
        <p className="sr-only" aria-live="polite">
          {state.announcement}
        </p>
        <p className="sr-only" role="status">
          {isWaiting(outbox.pending)
            ? 'Your message is waiting to be sent.'
            : isWaiting(outbox.changes) && 'Your change is waiting to be sent.'}
        </p>
        {isNewest && (
          <Composer
            userId={userId}
            owner={owner}
            conversationId={id}
            path={path}
            people={others}
            room={isRoom ? name : undefined}
            isClosed={isClosed}
            nonce={nonce}
            draft={draft}
            quoted={quoted}
            reply={reply}
            editLast={editLast}
            send={outbox.send}
            refused={refusedEntry(outbox.pending, state.editedNonce)}
            onTaken={outbox.discard}
            onTyping={notifyTyping}
          />
        )}
      </div>
      {isRoom && <PeoplePanel people={people} userId={userId} />}
    </div>
  )
}

/** What screen readers announce of a new message. */
function announcementOf(
  message: SharedMessage,
  { blocked }: ConversationView,
  nameOf: (person: Person) => string,
) {
  if (message.kind === 'notice') return message.body
  return isBlocked(message, blocked) ? blockedText : `${nameOf(message.sender)}: ${message.body}`
}
