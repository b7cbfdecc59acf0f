import type { ReactNode } from 'react'
import type { Message, SharedMessage } from '@/lib/views'

export const blockedText = 'Message from someone you blocked'

/** Hides a message of a person whom the reader has blocked until the reader asks for it. */
export const BlockedMessage = ({ children }: { children: ReactNode }) => (
  <li className="px-4 pt-3">
    <details className="group/blocked">
      <summary className="text-muted inline-flex min-h-6 cursor-pointer items-center gap-2 text-sm">
        {blockedText}
        <span className="link group-open/blocked:hidden">Show</span>
        <span className="link not-group-open/blocked:hidden">Hide</span>
      </summary>
      <ol className="-mx-4 grid">{children}</ol>
    </details>
  </li>
)

/** Whether the message is one to hide from a reader who has blocked these people. Notices are shown. */
export const isBlocked = ({ kind, sender }: Pick<SharedMessage, 'kind' | 'sender'>, blocked: string[]) =>
  kind === 'said' && blocked.includes(sender.id)

/** The message without the text that it quotes, if that is of a blocked person. */
export const hideBlockedQuote = (message: Message, blocked: string[]): Message =>
  message.replyTo && blocked.includes(message.replyTo.sender.id)
    ? { ...message, replyTo: { ...message.replyTo, excerpt: blockedText } }
    : message
