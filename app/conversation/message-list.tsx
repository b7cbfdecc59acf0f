'use client'

import { Fragment } from 'react'
import { dayOf, formatTime } from '@/app/ui/clock'
import { useTimeZone } from '@/app/ui/time'
import type { Message as MessageView, Receipt } from '@/lib/views'
import { Message, type Progress, standTogether } from './message'

export type Note = { id: number; afterSeq: number; text: string }

type MessageListProps = {
  messages: MessageView[]
  userId: string
  isRoom: boolean
  /** Of the others; none in a closed conversation, where nobody sees how far the other has read. */
  receipts: Receipt[]
  /** The first message that was new to the reader when they came. */
  firstNewSeq?: number
  /** Who came and went, each after the message that was the newest then. */
  notes: Note[]
  children?: React.ReactNode
}

/** The messages in their order, with a line for each day and one where the new ones begin. */
export function MessageList({
  messages,
  userId,
  isRoom,
  receipts,
  firstNewSeq,
  notes,
  children,
}: MessageListProps) {
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
