import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { deleteExpired, publishExpired } from '@/lib/retention'

/** Makes the messages up to `seq` 30 days older. */
export const age = (conversationId: string, seq: number) =>
  database().execute(sql`
    update messages set created_at = created_at - interval '30 days'
    where conversation_id = ${conversationId} and seq <= ${seq}`)

/** Deletes the messages up to `seq`, if there are any, as retention does, without a change of the site's settings. */
export async function expire(conversationId: string, seq: number) {
  await age(conversationId, seq)
  const keep = { keepRooms: 20, keepGroups: 20, keepDirect: 20 }
  const expired = await database().transaction((tx) => deleteExpired(tx, conversationId, keep))
  if (expired) await publishExpired(expired)
}
