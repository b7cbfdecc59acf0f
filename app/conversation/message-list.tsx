'use client'

import { Fragment } from 'react'
import { dayOf, formatTime } from '@/app/ui/clock'
import { useTimeZone } from '@/app/ui/time'
import type { ConversationView } from '@/lib/views'
import { BlockedMessage, hideBlockedQuote, isBlocked } from './blocked-message'
import type { ConversationState, Note } from './conversation-state'
import { Message, standTogether } from './message'
import { Notice } from './notice'
import { progressIn } from './progress'
import type { SetReaction } from './reactions'

type MessageListProps = {
  state: Pick<ConversationState, 'messages' | 'userId' | 'firstNewSeq' | 'notes'>
  conversation: ConversationView
  /** The path of the conversation's page. */
  path: string
  setReaction?: SetReaction
  children?: React.ReactNode
}

/** The messages in order, with a line before each day and before the first new message. */
export function MessageList({ state, conversation, path, setReaction, children }: MessageListProps) {
  const { messages, userId, firstNewSeq, notes } = state
  const { kind, blocked } = conversation
  const progress = progressIn(conversation, messages, userId)
  const zone = useTimeZone()
  return (
    <ol className="grid pb-3">
      <Notes notes={notes} after={0} />
      {messages.map((message, index) => {
        const previous = messages[index - 1]
        const isOwn = message.sender.id === userId
        const isNewDay = !previous || dayOf(previous.createdAt, zone) !== dayOf(message.createdAt, zone)
        const isHidden = isBlocked(message, blocked)
        const isFirst =
          isNewDay || isHidden || message.seq === firstNewSeq || !standTogether(previous, message)
        const element =
          message.kind === 'notice' ? (
            <Notice message={message} />
          ) : (
            <Message
              message={hideBlockedQuote(message, blocked)}
              userId={userId}
              path={path}
              // Undefined until hydration, so that the reactions are links without JavaScript.
              setReaction={zone ? setReaction : undefined}
              isOwn={isOwn}
              isAside={isOwn && kind === 'direct'}
              zone={zone}
              isFirst={isFirst}
              progress={progress.get(message.seq)}
            />
          )
        return (
          <Fragment key={message.seq}>
            {isNewDay && <Line>{formatTime(message.createdAt, zone, 'day')}</Line>}
            {message.seq === firstNewSeq && <Line isNew>New</Line>}
            {isHidden ? <BlockedMessage>{element}</BlockedMessage> : element}
            <Notes notes={notes} after={message.seq} />
          </Fragment>
        )
      })}
      {children}
    </ol>
  )
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
