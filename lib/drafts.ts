import 'server-only'
import { randomUUID } from 'node:crypto'
import { and, eq, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { drafts } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { isId, nonce } from './fields'
import type { Draft } from './views'

/** Far more than a message may have, so that a text that is too long comes back to be mended. */
const maxLength = 100_000
/** Of one person; the oldest go first. */
const maxDrafts = 20
export const draftMinutes = 60
const lifetime = sql`${draftMinutes} * interval '1 minute'`

const written = z.object({
  conversationId: z.string().refine(isId),
  body: z
    .string()
    .max(maxLength)
    .refine((text) => text.trim() !== ''),
  nonce: nonce.catch(() => randomUUID()),
})

/**
 * Keeps what somebody wrote in a conversation when their login session was over: one text for each.
 * @returns its id; nothing where there is nothing to keep, or the person may not write there
 */
export async function keepDraft(userId: string, input: unknown): Promise<string | undefined> {
  const { success, data } = written.safeParse(input)
  if (!success || !isId(userId)) return undefined
  // What cannot be stored goes; whoever sends the text would be told so.
  const body = data.body.replaceAll('\r\n', '\n').replaceAll('\0', '').toWellFormed()
  const [kept] = await database().execute<{ id: string }>(sql`
    insert into drafts (user_id, conversation_id, body, nonce)
    select users.id, conversations.id, ${body}, ${data.nonce} from users, conversations
    where users.id = ${userId} and removed_at is null and conversations.id = ${data.conversationId} and (
      kind = 'room' or exists (select from memberships where conversation_id = conversations.id and user_id = users.id))
    on conflict (user_id, conversation_id) do update
      set id = excluded.id, body = excluded.body, nonce = excluded.nonce, created_at = now()
    returning id`)
  await database().execute(sql`
    delete from drafts where id in (
      select id from drafts where user_id = ${userId} order by created_at desc offset ${maxDrafts})`)
  return kept?.id
}

/** The draft of that id, unless it is somebody else's, another conversation's, or too old. */
export async function findDraft(
  user: CurrentUser,
  conversationId: string,
  id: string,
): Promise<Draft | undefined> {
  if (!isId(id) || !isId(conversationId)) return undefined
  const [draft] = await database()
    .select({ body: drafts.body, nonce: drafts.nonce })
    .from(drafts)
    .where(
      and(
        eq(drafts.id, id),
        eq(drafts.userId, user.id),
        eq(drafts.conversationId, conversationId),
        sql`${drafts.createdAt} > now() - ${lifetime}`,
      ),
    )
  return draft
}

/** Forgets what was kept, once it was sent. */
export async function discardDraft(user: CurrentUser, conversationId: string) {
  if (!isId(conversationId)) return
  await database()
    .delete(drafts)
    .where(and(eq(drafts.userId, user.id), eq(drafts.conversationId, conversationId)))
}

export const removeOldDrafts = () =>
  database()
    .delete(drafts)
    .where(lt(drafts.createdAt, sql`now() - ${lifetime}`))
