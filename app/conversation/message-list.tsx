'use client'

import { Fragment } from 'react'
import { dayOf, formatTime } from '@/app/ui/clock'
import { useTimeZone } from '@/app/ui/time'
import type { Receipt } from '@/lib/views'
import type { ConversationState, Note } from './conversation-state'
import { Message, type Progress, standTogether } from './message'
import type { SetReaction } from './reactions'

type MessageListProps = {
  state: Pick<ConversationState, 'messages' | 'userId' | 'firstNewSeq' | 'notes'>
  /** The path of the conversation's page. */
  path: string
  setReaction?: SetReaction
  isRoom: boolean
  /** The other people's; none in a closed conversation, where read receipts are hidden. */
  receipts: Receipt[]
  children?: React.ReactNode
}

/** The messages in order, with a line before each day and before the first new message. */
export function MessageList({ state, path, setReaction, isRoom, receipts, children }: MessageListProps) {
  const { messages, userId, firstNewSeq, notes } = state
  const zone = useTimeZone()
  return (
    <ol className="grid pb-3">
      <Notes notes={notes} after={0} />
      {messages.map((message, index) => {
        const previous = messages[index - 1]
        const isOwn = message.sender.id === userId
        const isNewDay = !previous || dayOf(previous.createdAt, zone) !== dayOf(message.createdAt, zone)
        const isFirst = isNewDay || message.seq === firstNewSeq || !standTogether(previous, message)
        return (
          <Fragment key={message.seq}>
            {isNewDay && <Line>{formatTime(message.createdAt, zone, 'day')}</Line>}
            {message.seq === firstNewSeq && <Line isNew>New</Line>}
            <Message
              message={message}
              userId={userId}
              path={path}
              // Undefined until hydration, so that the reactions are links without JavaScript.
              setReaction={zone ? setReaction : undefined}
              isOwn={isOwn}
              isAside={isOwn && !isRoom}
              zone={zone}
              isFirst={isFirst}
              progress={isOwn && !isRoom && receipts.length ? progressOf(message.seq, receipts) : undefined}
            />
            <Notes notes={notes} after={message.seq} />
          </Fragment>
        )
      })}
      {children}
    </ol>
  )
}

function progressOf(seq: number, receipts: Receipt[]): Progress {
  if (receipts.some(({ lastReadSeq }) => lastReadSeq >= seq)) return 'Read'
  return receipts.some(({ lastDeliveredSeq }) => lastDeliveredSeq >= seq) ? 'Delivered' : 'Sent'
}

const Notes = ({ notes, after }: { notes: Note[]; after: number }) =>
  notes
    .filter(({ afterSeq }) => afterSeq === after)
    .map(({ id, text }) => (
      <li key={id} className="text-muted px-4 pt-2 text-center text-sm">
        {text}
      </li>
    ))

function Line({ isNew = false, children }: { isNew?: boolean; children: React.ReactNode }) {
  const colour = isNew ? 'text-accent' : 'text-muted'
  return (
    <li className={`flex items-center gap-3 px-4 pt-4 text-sm ${colour}`}>
      <span className="border-line flex-1 border-t" />
      {children}
      <span className="border-line flex-1 border-t" />
    </li>
  )
}
