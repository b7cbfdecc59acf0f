import 'server-only'
import { sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { preparedSql } from '@/db/prepared'
import { isUndelivered, memberships } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { noticesUpTo } from './message-rows'

const saidUpTo = (seq: PgColumn) => sql`(${seq} - ${noticesUpTo(memberships.conversationId, seq)})`

/** Undelivered ones come first, in the order of the index. */
const selectUnread = preparedSql<{ id: string; count: number; isUndelivered: boolean }>(sql`
  select conversation_id as id, (${saidUpTo(memberships.newestSeq)} - ${saidUpTo(memberships.lastReadSeq)})::int as count,
    ${isUndelivered} as "isUndelivered"
  from memberships where user_id = ${sql.placeholder('userId')} and last_read_seq < newest_seq
  order by ${isUndelivered} desc limit 100`)

/** The person's conversations with unread messages, without rooms. A page counts up to 99, so it needs at most 100. */
export const listUnread = (user: CurrentUser) => selectUnread({ userId: user.id })
