import 'server-only'
import { and, eq, inArray, or, sql } from 'drizzle-orm'
import type { Transaction } from '@/db/connection'
import { blocks, conversations, users } from '@/db/schema'
import { missing, Refusal } from './errors'
import { isId } from './fields'

/** What a direct conversation is found by, whoever of its two people asks. */
export const directKey = (one: string, other: string) => [one, other].sort().join(':')

/**
 * Holds two people until the commit, so that what is agreed between them (invitations, blocks) is
 * settled one thing after another.
 * @throws {Refusal} 404 where the other does not exist, 403 for oneself
 */
export async function lockPair(tx: Transaction, userId: string, personId: string) {
  if (userId === personId) throw new Refusal(403, 'That is yourself.')
  const people = isId(personId)
    ? await tx
        .select({ id: users.id })
        .from(users)
        .where(inArray(users.id, [userId, personId]))
        .orderBy(users.id)
        .for('no key update')
    : []
  if (people.length < 2) throw missing('person')
}

/** Who of the two has blocked the other. */
export async function listBlockers(tx: Transaction, one: string, other: string) {
  const rows = await tx
    .select({ id: blocks.blockerId })
    .from(blocks)
    .where(
      or(
        and(eq(blocks.blockerId, one), eq(blocks.blockedId, other)),
        and(eq(blocks.blockerId, other), eq(blocks.blockedId, one)),
      ),
    )
  return rows.map(({ id }) => id)
}

const one = sql`split_part(${conversations.directKey}, ':', 1)::uuid`
const other = sql`split_part(${conversations.directKey}, ':', 2)::uuid`

/** True for a direct conversation of two people of whom one has blocked the other. */
export const isClosed = sql<boolean>`(${conversations.kind} = 'direct' and exists (select from ${blocks}
  where (${blocks.blockerId}, ${blocks.blockedId}) in ((${one}, ${other}), (${other}, ${one}))))`
