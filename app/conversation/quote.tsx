import { hueOf } from '@/app/ui/avatar'
import { excerptOf } from '@/lib/excerpt'
import type { Message } from '@/lib/views'

export type Quoted = NonNullable<Message['replyTo']>

export const quoteOf = ({ seq, sender, body, deletedAt }: Message): Quoted => ({
  seq,
  sender,
  excerpt: excerptOf(body),
  isDeleted: deletedAt !== null,
})

/** A line of the message that another one answers, as it is now. */
export const Quote = ({ of: { sender, excerpt, isDeleted } }: { of: Quoted }) => (
  <span data-hue={hueOf(sender.id)} className="quote grid min-w-0 pl-2 text-left text-sm whitespace-nowrap">
    <span className="truncate font-semibold">
      <bdi>{sender.name}</bdi>
    </span>
    <span className="text-muted truncate">{isDeleted ? 'Message deleted' : excerpt}</span>
  </span>
)

/** Whether it can be answered. */
export const isAnswerable = ({ kind, deletedAt }: Message) => kind === 'said' && !deletedAt
