'use client'

import { Fragment } from 'react'
import { dayOf, longDay, useTimeZone } from '@/app/ui/time'
import type { Receipt } from '@/lib/conversations'
import type { Message as MessageView } from '@/lib/messages'
import { Message, type Progress } from './message'

const togetherMs = 5 * 60 * 1000

type MessageListProps = {
  messages: MessageView[]
  userId: string
  /** Of the others. */
  receipts: Receipt[]
  /** The first message that was new to the reader when they came. */
  firstNewSeq?: number
  children?: React.ReactNode
}

/** The messages in their order, with a line for each day and one where the new ones begin. */
export function MessageList({ messages, userId, receipts, firstNewSeq, children }: MessageListProps) {
  const zone = useTimeZone()
  return (
    <ol className="grid pb-3">
      {messages.map((message, index) => {
        const previous = messages[index - 1]
        const isOwn = message.sender.id === userId
        const isNewDay = !previous || dayOf(previous.createdAt, zone) !== dayOf(message.createdAt, zone)
        const isFirst = isNewDay || message.seq === firstNewSeq || !standTogether(previous, message)
        return (
          <Fragment key={message.seq}>
            {isNewDay && <Line>{longDay(message.createdAt, zone)}</Line>}
            {message.seq === firstNewSeq && <Line isNew>New</Line>}
            <Message
              message={message}
              isOwn={isOwn}
              isFirst={isFirst}
              progress={isOwn ? progressOf(message.seq, receipts) : undefined}
            />
          </Fragment>
        )
      })}
      {children}
    </ol>
  )
}

const standTogether = (one: MessageView, next: MessageView) =>
  one.sender.id === next.sender.id && Date.parse(next.createdAt) - Date.parse(one.createdAt) < togetherMs

function progressOf(seq: number, receipts: Receipt[]): Progress {
  if (receipts.some(({ lastReadSeq }) => lastReadSeq >= seq)) return 'Read'
  return receipts.some(({ lastDeliveredSeq }) => lastDeliveredSeq >= seq) ? 'Delivered' : 'Sent'
}

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
