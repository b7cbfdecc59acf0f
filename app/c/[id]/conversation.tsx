'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react'
import { Avatar } from '@/app/ui/avatar'
import type { Pending } from '@/app/ui/outbox'
import { fullName } from '@/app/ui/person-name'
import { Status } from '@/app/ui/status'
import type { ConversationView, Receipt } from '@/lib/conversations'
import type { Draft } from '@/lib/drafts'
import type { Message } from '@/lib/messages'
import type { Realtime } from '@/lib/realtime/client'
import type { Person, User } from '@/lib/users'
import { markRead } from './actions'
import { Composer, type Refused } from './composer'
import { formData } from './form-data'
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
  userId: string
  author: string
  realtime: Realtime
  nonce: string
  draft?: Draft
  /** Leaves a room. */
  leave?: ReactNode
}

/** An open conversation: who is in it, what was said, and where to say more. */
export function Conversation({
  conversation,
  messages: onPage,
  isNewest,
  userId,
  author,
  realtime,
  nonce,
  draft,
  leave,
}: ConversationProps) {
  const { id, name, kind } = conversation
  const isRoom = kind === 'room'
  const path = isRoom ? `/room/${name}` : `/c/${id}`
  // The heading of a direct conversation says both names already.
  const nameOf = isRoom ? fullName : (person: Person) => person.name
  const { messages, add, loadOlder, loadNewer } = useMessages(id, onPage)
  const [receipts, moveReceipt] = useReceipts(conversation.receipts)
  const [firstNewSeq] = useState(
    () => onPage.find(({ seq, sender }) => seq > conversation.lastReadSeq && sender.id !== userId)?.seq,
  )
  const [heard, setHeard] = useState('')
  const router = useRouter()
  const addNewest = (message: Message) => isNewest && add([message])
  const outbox = useOutbox({ userId, conversationId: id, path }, messages, onPage, addNewest)
  const [editedNonce, edit] = useState<string>()

  const { people, notes, onPerson } = usePeople(conversation.people, userId, messages.at(-1)?.seq ?? 0)
  const [isSmall] = useState(people.length <= smallRoom)
  const hasPresence = isSmall && !conversation.isClosed

  const { here, typing, tellTyping } = useConversationChannels(
    realtime,
    { id, isRoom, hasPresence },
    userId,
    {
      // What was said since the page was made, or in a break, nobody told it.
      onListening: () => isNewest && loadNewer().catch(() => {}),
      onMessage: (message) => {
        // It was sent again, and is announced again, however old it is.
        if (message.seq < (messages[0]?.seq ?? 0) || messages.some(({ seq }) => seq === message.seq)) return
        addNewest(message)
        if (message.sender.id !== userId) setHeard(`${nameOf(message.sender)}: ${message.body}`)
      },
      onReceipt: moveReceipt,
      onPerson,
      // The page of a room that is opened anew joins it.
      onLeft: (byChoice) => (byChoice ? router.push('/rooms') : router.refresh()),
    },
  )
  useReading(id, isNewest ? (messages.at(-1)?.seq ?? 0) : 0, conversation.lastReadSeq)

  const other = isRoom ? undefined : people.find((person) => person.id !== userId)
  const typists = people.filter((person) => typing.includes(person.id)).map(nameOf)
  const others = receipts.filter((receipt) => receipt.userId !== userId)
  return (
    <div className="flex h-dvh md:h-full">
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="border-line flex items-center gap-3 border-b px-4 py-2">
          <Link href="/" prefetch={false} className="button button-quiet -ml-2 px-2 md:hidden">
            <span aria-hidden>←</span>
            <span className="sr-only">All conversations</span>
          </Link>
          <Avatar id={other?.id ?? id} name={name} status={other?.status} size="small" />
          <div className="min-w-0 flex-1">
            <h1 className="truncate font-sans text-base">{name}</h1>
            <p className="text-muted text-sm">
              {isRoom && `${people.length} here`}
              {other && other.username !== name && `${other.username} · `}
              {other && (here.includes(other.id) ? 'Here now' : <Status of={other} />)}
            </p>
          </div>
          {leave}
        </header>
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
            author={author}
            conversationId={id}
            room={isRoom ? name : undefined}
            isClosed={conversation.isClosed}
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

type Change = { person: Person; change: 'joined' | 'left'; at: number }
/** A page that comes may have been made before what was told in this time. */
const pageTakesMs = 5000

/** Who is in, as the page said and the channel went on, with a note for each who came or went. */
function usePeople(onPage: User[], userId: string, newestSeq: number) {
  const [people, setPeople] = useState(onPage)
  const [notes, setNotes] = useState<Note[]>([])
  const changes = useRef<Change[]>([])
  useEffect(() => {
    changes.current = changes.current.filter(({ at }) => at > Date.now() - pageTakesMs)
    setPeople(changes.current.reduce(applyChange, onPage))
  }, [onPage])
  function onPerson(person: Person, change: Change['change']) {
    if (person.id === userId) return
    const told = { person, change, at: Date.now() }
    changes.current.push(told)
    // Several may come at the same time, before the page is drawn again.
    setPeople((known) => applyChange(known, told))
    setNotes((known) => {
      const id = (known.at(-1)?.id ?? 0) + 1
      return [...known, { id, afterSeq: newestSeq, text: `${fullName(person)} ${change}` }].slice(-keptNotes)
    })
  }
  return { people, notes, onPerson }
}

function applyChange(people: User[], { person, change }: Change): User[] {
  if (change === 'left') return people.filter(({ id }) => id !== person.id)
  const isThere = people.some(({ id }) => id === person.id)
  return isThere ? people : [...people, { ...person, status: 'online', lastSeenAt: null }]
}

/** The receipts of the page, moved on by those that come; never back. */
function useReceipts(onPage: Receipt[]) {
  const [moved, setMoved] = useState<Receipt[]>([])
  const receipts = onPage.map((receipt) => {
    const later = moved.filter(({ userId }) => userId === receipt.userId)
    return {
      userId: receipt.userId,
      lastDeliveredSeq: Math.max(receipt.lastDeliveredSeq, ...later.map((one) => one.lastDeliveredSeq)),
      lastReadSeq: Math.max(receipt.lastReadSeq, ...later.map((one) => one.lastReadSeq)),
    }
  })
  const move = (receipt: Receipt) =>
    setMoved((known) => [...known.filter(({ userId }) => userId !== receipt.userId), receipt])
  return [receipts, move] as const
}

/** Marks the conversation read up to `seq` as soon as somebody looks at the page. */
function useReading(conversationId: string, seq: number, readBefore: number) {
  const marked = useRef(readBefore)
  useEffect(() => {
    const mark = () => {
      if (document.visibilityState !== 'visible' || seq <= marked.current) return
      marked.current = seq
      markRead({}, formData({ conversationId, seq: String(seq) })).catch(() => {
        marked.current = 0
      })
    }
    mark()
    document.addEventListener('visibilitychange', mark)
    return () => document.removeEventListener('visibilitychange', mark)
  }, [conversationId, seq])
}
