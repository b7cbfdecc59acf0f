import 'server-only'
import { eq, sql } from 'drizzle-orm'
import type { Transaction } from '@/db/connection'
import { conversations } from '@/db/schema'
import { mentionEvents } from './mentions'
import { listMembers, readMessages, removeContent } from './message-changes'
import { toNewest, toShared } from './message-rows'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'

/** Messages that were deleted together. `version` is the conversation's before the first of them. */
export type Erased = {
  conversationId: string
  messages: Awaited<ReturnType<typeof readMessages>>
  mentioned: string[]
  version: number
  isListed: boolean
}

/**
 * Deletes messages of one conversation like `deleteMessage`, without asking who may do that: at most about 100, because
 * each is an event. Each counts as a change of its own. Notices and messages that are deleted already stay as they are.
 * Locks the conversation until the commit.
 * @returns what to give to `publishErased` after the commit
 */
export async function eraseMessages(
  tx: Transaction,
  conversationId: string,
  seqs: number[],
): Promise<Erased[]> {
  const [conversation] = await tx
    .select({ kind: conversations.kind, lastSeq: conversations.lastSeq, version: conversations.version })
    .from(conversations)
    .where(eq(conversations.id, conversationId))
    .for('no key update')
  if (!conversation) return []
  const { kind, lastSeq, version } = conversation
  const rows = await tx.execute<{ seq: string }>(sql`
    select seq from messages where conversation_id = ${conversationId} and seq = any(${sql.param(seqs)}::bigint[])
      and not exists (select from notices where (conversation_id, seq) = (messages.conversation_id, messages.seq))
      and not exists (select from message_changes
        where (conversation_id, seq) = (messages.conversation_id, messages.seq) and deleted_at is not null)
    order by seq`)
  const erased = rows.map(({ seq }) => Number(seq))
  if (!erased.length) return []
  const mentioned = await removeContent(tx, conversationId, erased)
  await tx.execute(sql`
    insert into message_changes (conversation_id, seq, version, deleted_at)
    select ${conversationId}, seq, ${version} + number, clock_timestamp()
    from unnest(${sql.param(erased)}::bigint[]) with ordinality as erased (seq, number)
    on conflict (conversation_id, seq) do update
      set version = excluded.version, deleted_at = excluded.deleted_at, edited_at = null`)
  await tx
    .update(conversations)
    .set({ version: version + erased.length })
    .where(eq(conversations.id, conversationId))
  // None of them has a reaction any more, so every reader sees the same.
  const messages = await readMessages(tx, { id: conversationId }, conversationId, erased)
  const isListed = kind !== 'room' && erased.at(-1) === lastSeq
  return [{ conversationId, messages, mentioned, version, isListed }]
}

/** Shows everyone that messages were deleted, after the commit. */
export async function publishErased({ conversationId, messages, mentioned, version, isListed }: Erased) {
  const last = messages.at(-1)?.message
  if (!last) return
  const members = isListed ? await listMembers(conversationId) : []
  publish(
    ...messages.map(({ message }, index) =>
      event(conversationChannel(conversationId), 'message.changed', {
        message: toShared(message),
        conversationVersion: version + index + 1,
        actor: message.sender.id,
        what: 'deleted',
      }),
    ),
    event(members.map(userChannel), 'conversation.touched', { conversationId, newest: toNewest(last) }),
    ...(await mentionEvents(conversationId, last.seq, mentioned)),
  )
}
