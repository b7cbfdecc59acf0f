'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Pending } from '@/app/browser/outbox'
import { useConversation, useIsHidden, useStore } from '@/app/browser/store-context'
import { pathOf } from '@/app/ui/conversation-list'
import { fullName } from '@/app/ui/person-name'
import { Title } from '@/app/ui/title'
import type { ConversationView, Draft, Message, Person } from '@/lib/views'
import { Composer, type Refused } from './composer'
import { Header } from './header'
import { MessageList, type Note } from './message-list'
import { PendingMessages } from './pending-messages'
import { PeoplePanel } from './people-panel'
import { useConversationChannels } from './use-channels'
import { useMessages } from './use-messages'
import { useOutbox } from './use-outbox'

/** In a room of more, nobody is told who types. */
const smallRoom = 20
const keptNotes = 30

type ConversationProps = {
  conversation: ConversationView
  messages: Message[]
  /** Whether the messages are the newest ones, and not an older page. */
  isNewest: boolean
  owner: string
  nonce: string
  draft?: Draft
  /** Leaves a room. */
  leave?: ReactNode
}

/** An open conversation: who is in it, what was said, and where to say more. */
export function Conversation({
  conversation: rendered,
  messages: onPage,
  isNewest,
  owner,
  nonce,
  draft,
  leave,
}: ConversationProps) {
  const store = useStore()
  const { userId } = store
  const conversation = useConversation(rendered)
  const { id, name, kind, people, isClosed } = conversation
  const isRoom = kind === 'room'
  const path = pathOf(conversation)
  // The heading of a direct conversation says both names already.
  const nameOf = isRoom ? fullName : (person: Person) => person.name
  const { messages, add, loadOlder } = useMessages(id, onPage, isNewest ? conversation.lastSeq : 0)
  const newestSeq = messages.at(-1)?.seq ?? 0
  const [firstNewSeq] = useState(() => {
    // The server may not know yet what was read here a moment ago, nor does a page that one comes back to.
    const lastReadSeq = Math.max(rendered.lastReadSeq, store.readHere.get(id) ?? 0)
    return onPage.find(({ seq, sender }) => seq > lastReadSeq && sender.id !== userId)?.seq
  })
  const [heard, setHeard] = useState('')
  const router = useRouter()
  const addNewest = (message: Message) => isNewest && add([message])
  const outbox = useOutbox({ conversationId: id, path }, messages, onPage, addNewest)
  const [editedNonce, edit] = useState<string>()
  const [notes, addNote] = useNotes(newestSeq)
  const [isSmall] = useState(people.length <= smallRoom)

  const { here, typing, tellTyping } = useConversationChannels(
    { id, isRoom, hasPresence: isSmall && !isClosed },
    {
      onMessage: (message) => {
        // A message that is sent again is announced again, however old it is.
        if (message.seq < (messages[0]?.seq ?? 0) || messages.some(({ seq }) => seq === message.seq)) return
        addNewest(message)
        if (message.sender.id !== userId) setHeard(`${nameOf(message.sender)}: ${message.body}`)
      },
      onPerson: (person, change) => addNote(`${fullName(person)} ${change}`),
      // The page of a room that is loaded again joins it.
      onLeft: (byChoice) => (byChoice ? router.push('/rooms') : router.refresh()),
    },
  )
  useReading(id, isNewest ? newestSeq : 0)
  useReadByServer(rendered, isNewest)

  const other = isRoom ? undefined : people.find((person) => person.id !== userId)
  const typists = people.filter((person) => typing.includes(person.id)).map(nameOf)
  const others = isClosed ? [] : conversation.receipts.filter((receipt) => receipt.userId !== userId)
  return (
    <div className="conversation flex h-dvh md:h-full">
      <Title openId={id}>{name}</Title>
      <div className="flex min-w-0 flex-1 flex-col">
        <Header conversation={conversation} other={other} here={here}>
          {leave}
        </Header>
        <div className="scroller flex min-h-0 flex-1 flex-col-reverse overflow-y-auto">
          <div>
            <Older path={path} first={messages[0]?.seq ?? 0} load={loadOlder} />
            {messages.length === 0 && outbox.pending.length === 0 && (
              <p className="text-muted p-4 text-center">
                Nothing has been said yet. Say hello{other && ` to ${name}`}.
              </p>
            )}
            <MessageList
              messages={messages}
              userId={userId}
              isRoom={isRoom}
              receipts={others}
              firstNewSeq={firstNewSeq}
              notes={notes}
            >
              {isNewest && (
                <PendingMessages
                  pending={outbox.pending}
                  isAside={!isRoom}
                  tryAgain={outbox.tryAgain}
                  edit={edit}
                  discard={outbox.remove}
                />
              )}
            </MessageList>
            {!isNewest && (
              <p className="p-4 text-center">
                <Link href={path} prefetch={false} className="link">
                  Newest messages
                </Link>
              </p>
            )}
          </div>
        </div>
        {isNewest && <LiveFrame path={path} after={onPage.at(-1)?.seq ?? 0} />}
        <p className="text-muted h-5 truncate px-4 text-sm">
          {typists.length > 0 && `${typists.join(', ')} ${typists.length > 1 ? 'are' : 'is'} typing…`}
        </p>
        <p className="sr-only" aria-live="polite">
          {heard}
        </p>
        <p className="sr-only" role="status">
          {outbox.pending.some(({ holdUp }) => holdUp !== undefined) &&
            'What you wrote waits, and is sent when it can be.'}
        </p>
        {isNewest && (
          <Composer
            userId={userId}
            owner={owner}
            conversationId={id}
            room={isRoom ? name : undefined}
            isClosed={isClosed}
            nonce={nonce}
            draft={draft}
            send={outbox.send}
            refused={findRefused(outbox.pending, editedNonce)}
            onTaken={outbox.remove}
            onTyping={tellTyping}
          />
        )}
      </div>
      {isRoom && <PeoplePanel people={people} userId={userId} />}
    </div>
  )
}

/** What goes back to the composer: what the person asked for, else what was just written. */
function findRefused(pending: Pending[], editedNonce: string | undefined): Refused | undefined {
  const refused = pending.filter(({ refusal }) => refusal !== undefined)
  const edited = refused.find(({ nonce }) => nonce === editedNonce)
  const found = edited ?? refused.find(({ isFresh }) => isFresh)
  return found && { ...found, isWanted: found === edited }
}

/** Where there is no script: a page that never ends, and grows by each message as it is sent. */
const LiveFrame = ({ path, after }: { path: string; after: number }) => (
  <noscript>
    <div className="border-line border-t">
      <iframe src={`${path}/live?after=${after}`} title="New messages" className="h-40 w-full" />
      <p className="px-4 text-sm">
        <a href={path} className="link">
          Refresh
        </a>{' '}
        <span className="text-muted">if new messages do not come by themselves.</span>
      </p>
    </div>
  </noscript>
)

/** The link to what was said before; it follows itself when it comes into view. */
function Older({ path, first, load }: { path: string; first: number; load: () => Promise<void> }) {
  const link = useRef<HTMLAnchorElement>(null)
  const follow = useEffectEvent(() => load().catch(() => {}))
  useEffect(() => {
    if (!link.current || first <= 1) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && follow(), {
      rootMargin: '300px',
    })
    observer.observe(link.current)
    return () => observer.disconnect()
  }, [first])
  if (first <= 1) return null
  return (
    <p className="p-4 text-center">
      <Link ref={link} href={`${path}?before=${first}`} prefetch={false} className="link">
        Older messages
      </Link>
    </p>
  )
}

/** Lines between the messages for people who come and go, each after the newest message of its time. */
function useNotes(newestSeq: number) {
  const [notes, setNotes] = useState<Note[]>([])
  const add = (text: string) =>
    setNotes((known) => {
      const id = (known.at(-1)?.id ?? 0) + 1
      return [...known, { id, afterSeq: newestSeq, text }].slice(-keptNotes)
    })
  return [notes, add] as const
}

/** Marks the conversation read up to `seq` while somebody looks at the page. */
function useReading(conversationId: string, seq: number) {
  const store = useStore()
  const isHidden = useIsHidden()
  useEffect(() => {
    if (seq && !isHidden) store.markRead(conversationId, seq)
  }, [store, conversationId, seq, isHidden])
}

/** The server marks what it renders as read: nothing of that is to be reported. */
function useReadByServer({ id, lastSeq }: ConversationView, isNewest: boolean) {
  const store = useStore()
  useEffect(() => {
    const { userId } = store
    const cursors = { lastDeliveredSeq: lastSeq, lastReadSeq: lastSeq }
    if (isNewest) store.receive('receipt.updated', { conversationId: id, userId, ...cursors })
  }, [store, id, lastSeq, isNewest])
}
