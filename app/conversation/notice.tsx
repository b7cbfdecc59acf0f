import type { Message } from '@/lib/views'

/** A line that tells what happened in a group, such as who joined. It has no actions. */
export const Notice = ({ message: { seq, body, createdAt } }: { message: Message }) => (
  <li id={`m${seq}`} data-seq={seq} title={createdAt} className="text-muted px-4 pt-3 text-center text-sm">
    <bdi>{body}</bdi>
  </li>
)
