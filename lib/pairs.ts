import 'server-only'
import { and, eq, inArray, isNull, or, type SQLWrapper, sql } from 'drizzle-orm'
import type { Transaction } from '@/db/connection'
import { blocks, conversations, users } from '@/db/schema'
import { missing, Refusal } from './errors'
import { isId } from './fields'

/** The key of two people's direct conversation, the same for both of them. */
export const directKey = (one: string, other: string) => [one, other].sort().join(':')

/** The same in SQL. */
export const directKeyOf = (one: SQLWrapper, other: SQLWrapper) =>
  sql`least(${one}, ${other}) || ':' || greatest(${one}, ${other})`

/**
 * Locks two people until the commit, so that invitations and blocks between them happen one after another.
 * @throws {Refusal} 404 if the other does not exist, 403 for oneself
 */
export async function lockPair(tx: Transaction, userId: string, personId: string) {
  if (userId === personId) throw new Refusal(403, 'That is you.')
  const people = isId(personId) ? await lockPeople(tx, [userId, personId]) : []
  if (people.length < 2) throw missing('person')
}

/**
 * Locks people until the commit, in one order, so that several transactions cannot deadlock. Leaves out those who were
 * deleted meanwhile.
 */
export const lockPeople = (tx: Transaction, ids: string[]) =>
  tx
    .select({ id: users.id })
    .from(users)
    .where(and(inArray(users.id, ids), isNull(users.removedAt)))
    .orderBy(users.id)
    .for('no key update')

/** The blocks between a person and others, in either direction. */
export const listBlocks = (tx: Transaction, one: string, others: string[]) =>
  tx
    .select({ blockerId: blocks.blockerId, blockedId: blocks.blockedId })
    .from(blocks)
    .where(
      or(
        and(eq(blocks.blockerId, one), inArray(blocks.blockedId, others)),
        and(inArray(blocks.blockerId, others), eq(blocks.blockedId, one)),
      ),
    )

const one = sql`split_part(${conversations.directKey}, ':', 1)::uuid`
const other = sql`split_part(${conversations.directKey}, ':', 2)::uuid`

/** The refusal for a message, an edit or a reaction in a closed conversation. */
export const closed = (kind: 'direct' | 'group' | 'room') =>
  new Refusal(403, kind === 'room' ? 'This room is closed to new messages.' : 'This conversation is closed.')

/**
 * Whether nobody can write: a moderator closed the room, or in a direct conversation one of the two has blocked the other
 * or deleted the account.
 */
export const isClosed = sql<boolean>`(${conversations.closedAt} is not null or ${conversations.kind} = 'direct' and exists (select from ${blocks}
  where (${blocks.blockerId}, ${blocks.blockedId}) in ((${one}, ${other}), (${other}, ${one}))))`
