'use client'

import { Fragment, type ReactNode } from 'react'
import { dayOf, formatTime } from '@/app/ui/clock'
import { useTimeZone } from '@/app/ui/time'
import { trimmedName } from '@/lib/mention-names'
import type { ConversationView } from '@/lib/views'
import { BlockedMessage, hideBlockedQuote, isBlocked } from './blocked-message'
import { mentionedNames } from './body/mentioned-names'
import type { ConversationState, Note } from './conversation-state'
import { Deleted, Message, standTogether } from './message'
import { Notice } from './notice'
import { progressIn } from './progress'
import type { SetReaction } from './reactions'

type MessageListProps = {
  state: Pick<ConversationState, 'messages' | 'userId' | 'firstNewSeq' | 'notes'>
  conversation: ConversationView
  /** The path of the conversation's page. */
  path: string
  setReaction?: SetReaction
  /** Whether it is a message on its own page, which has links to what can be done with it. */
  isAlone?: boolean
  /** The message that is being edited, and its form. */
  edited?: { seq: number; editor: ReactNode }
  children?: ReactNode
}

/** The messages in order, with a line before each day and before the first new message. */
export function MessageList({
  state,
  conversation,
  path,
  setReaction,
  isAlone,
  edited,
  children,
}: MessageListProps) {
  const { messages, userId, firstNewSeq, notes } = state
  const { kind, blocked, people } = conversation
  const own = people.find(({ id }) => id === userId)
  const ownName = own && trimmedName(own.username)
  const progress = progressIn(conversation, messages, userId)
  const zone = useTimeZone()
  const isNewDay = (index: number) => {
    const [previous, message] = [messages[index - 1], messages[index]]
    return !previous || dayOf(previous.createdAt, zone) !== dayOf(String(message?.createdAt), zone)
  }
  /** Whether the message is shown in the same line as the deleted one before it. */
  const isFolded = (index: number) =>
    Boolean(messages[index]?.deletedAt && messages[index - 1]?.deletedAt) &&
    messages[index]?.seq !== firstNewSeq &&
    !isNewDay(index)
  return (
    <ol className="grid pb-3">
      <Notes notes={notes} after={0} />
      {messages.map((message, index) => {
        const { seq, sender, createdAt, deletedAt } = message
        const previous = messages[index - 1]
        const isOwn = sender.id === userId
        const isAside = isOwn && kind === 'direct'
        const startsDay = isNewDay(index)
        const isHidden = isBlocked(message, blocked)
        const isFirst =
          startsDay || isHidden || seq === firstNewSeq || !previous || !standTogether(previous, message)
        const element = () => (
          <Message
            message={hideBlockedQuote(message, blocked)}
            userId={userId}
            mentioned={mentionedNames(message, people)}
            ownName={ownName}
            path={path}
            // Undefined until hydration, so that the reactions are links without JavaScript.
            setReaction={zone ? setReaction : undefined}
            canReply={!conversation.isClosed}
            hasLinks={!isAlone}
            isOwn={isOwn}
            isAside={isAside}
            zone={zone}
            isFirst={isFirst}
            progress={progress.get(seq)}
            editor={edited?.seq === seq ? edited.editor : undefined}
          />
        )
        const shown = () => {
          if (message.kind === 'notice') return <Notice message={message} />
          if (isFolded(index)) return null
          if (deletedAt)
            return <Deleted messages={messages.slice(index, endOf(index, isFolded))} isAside={isAside} />
          return isHidden ? <BlockedMessage>{element()}</BlockedMessage> : element()
        }
        return (
          <Fragment key={seq}>
            {startsDay && <Line>{formatTime(createdAt, zone, 'day')}</Line>}
            {seq === firstNewSeq && <Line isNew>New</Line>}
            {shown()}
            <Notes notes={notes} after={seq} />
          </Fragment>
        )
      })}
      {children}
    </ol>
  )
}

/** The index after a deleted message and those that are shown in the same line. */
function endOf(start: number, isFolded: (index: number) => boolean) {
  let end = start + 1
  while (isFolded(end)) end++
  return end
}

const Notes = ({ notes, after }: { notes: Note[]; after: number }) =>
  notes
    .filter(({ afterSeq }) => afterSeq === after)
    .map(({ id, text }) => (
      <li key={id} className="text-muted px-4 pt-2 text-center text-sm">
        {text}
      </li>
    ))

function Line({ isNew = false, children }: { isNew?: boolean; children: ReactNode }) {
  const colour = isNew ? 'text-accent' : 'text-muted'
  return (
    <li className={`flex items-center gap-3 px-4 pt-4 text-sm ${colour}`}>
      <span className="border-line flex-1 border-t" />
      {children}
      <span className="border-line flex-1 border-t" />
    </li>
  )
}
