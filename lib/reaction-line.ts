import 'server-only'
import { type SQLWrapper, sql } from 'drizzle-orm'
import { preparedSql } from '@/db/prepared'
import { conversations } from '@/db/schema'
import { excerptLength } from './excerpt'
import { personObject } from './message-rows'
import { userChannel } from './realtime/channels'
import { event } from './realtime/publish'
import { type PersonRow, toPerson } from './users'
import type { ReactionLine } from './views'

/**
 * For a query that reads `conversations`: the latest reaction of somebody else to a message of the person's own, if it
 * is newer than the newest message. Without those of people whom the person has blocked.
 */
export const latestReaction = (userId: SQLWrapper) => sql<LatestReaction | null>`(
  select json_build_object('seq', own.seq, 'emoji', emoji,
    'excerpt', left(own.body, ${sql.raw(String(excerptLength))}), 'person', ${personObject('reader')})
  from reactions join messages as own using (conversation_id, seq) join users as reader on reader.id = reactions.user_id
  where conversation_id = ${conversations.id} and reactions.created_at > ${conversations.lastActivityAt}
    and own.sender_id = ${userId} and reactions.user_id <> ${userId}
    and not exists (select from blocks where blocker_id = ${userId} and blocked_id = reactions.user_id)
  order by reactions.created_at desc limit 1)`
type LatestReaction = { seq: number; emoji: string; excerpt: string; person: PersonRow }

type LineRow = { version: number; lastSeq: number; latest: LatestReaction | null }

export const toReactionLine = ({ version, lastSeq, latest }: LineRow): ReactionLine => ({
  version,
  lastSeq,
  latest: latest && { ...latest, person: toPerson(latest.person) },
})

const userId = sql.placeholder('userId')
// In one statement, and so as of one version.
const selectLine = preparedSql<Record<'version' | 'lastSeq', string> & Pick<LineRow, 'latest'>>(sql`
  select ${conversations.version}, ${conversations.lastSeq} as "lastSeq", ${latestReaction(userId)} as latest
  from ${conversations} join memberships on conversation_id = ${conversations.id} and user_id = ${userId}
  where ${conversations.id} = ${sql.placeholder('conversationId')}`)

/** The event that shows a person in their list what is now the latest reaction to a message of theirs. */
export async function reactionLineEvents(conversationId: string, userId: string) {
  const [row] = await selectLine({ conversationId, userId })
  if (!row) return []
  const line = toReactionLine({ ...row, version: Number(row.version), lastSeq: Number(row.lastSeq) })
  return [event(userChannel(userId), 'conversation.touched', { conversationId, reaction: line })]
}
