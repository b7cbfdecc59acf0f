import 'server-only'
import { randomUUID } from 'node:crypto'
import { and, eq, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { drafts } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { isId, nonce } from './fields'
import type { Draft } from './views'

/** Far more than a message may have, so that a text that is too long can be shortened. */
const maxLength = 100_000
/** Per person; the oldest are deleted first. */
const maxDrafts = 20
const lifetime = sql`interval '1 hour'`

const written = z.object({
  conversationId: z.string().refine(isId),
  body: z
    .string()
    .max(maxLength)
    .refine((text) => text.trim() !== ''),
  nonce: nonce.catch(() => randomUUID()),
})

/**
 * Keeps a text that was sent without JavaScript after the login session had ended: one for each person and
 * conversation.
 * @returns its id; undefined for an empty text, or if the person is not in the conversation
 */
export async function keepDraft(userId: string, input: unknown): Promise<string | undefined> {
  const { success, data } = written.safeParse(input)
  if (!success || !isId(userId)) return undefined
  // Drops what cannot be stored. Sending the text as it was would be refused.
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

/** The draft with that id, unless it belongs to another person or conversation, or is too old. */
export async function findDraft(
  user: CurrentUser,
  conversationId: string,
  id: string,
): Promise<Draft | undefined> {
  if (!isId(id) || !isId(conversationId)) return undefined
  const [draft] = await database()
    .select({ id: drafts.id, body: drafts.body, nonce: drafts.nonce })
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

export async function discardDraft(user: CurrentUser, id: string) {
  if (!isId(id)) return
  await database()
    .delete(drafts)
    .where(and(eq(drafts.userId, user.id), eq(drafts.id, id)))
}

export const removeOldDrafts = () =>
  database()
    .delete(drafts)
    .where(lt(drafts.createdAt, sql`now() - ${lifetime}`))
