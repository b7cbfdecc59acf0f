import 'server-only'
import { desc, eq, lt, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { database } from '@/db/connection'
import { auditLog, users } from '@/db/schema'
import type { AuditAction } from './audit-log'
import type { CurrentUser } from './current-user'
import { check } from './fields'
import { requireOperator } from './roles'
import { personColumns, toPerson } from './users'
import type { Person } from './views'

/** What an operator or moderator did. */
export type LogEntry = {
  id: string
  at: string
  action: AuditAction
  /** Null for a command from the site's shell, and for what the site does by itself. */
  actor: Person | null
  target: Person | null
  details: Record<string, unknown>
  reason: string | null
}

const pageLength = 50
const logPage = z.object({ cursor: z.uuid('Use the nextCursor of the previous page.').nullish() })

/**
 * What operators and moderators did, the latest first, 50 entries at a time. A cursor is the id of an entry.
 * @throws {Refusal} 404 unless the user is an operator, 422
 */
export async function listLog(user: CurrentUser, input: unknown) {
  requireOperator(user)
  const { cursor } = check(logPage, input)
  const [actor, target] = [alias(users, 'actor'), alias(users, 'target')]
  const place = sql`(select at, id from audit_log where id = ${cursor})`
  const rows = await database()
    .select({ entry: auditLog, actor: personColumns(actor), target: personColumns(target) })
    .from(auditLog)
    .leftJoin(actor, eq(actor.id, auditLog.actorId))
    .leftJoin(target, eq(target.id, auditLog.targetId))
    .where(cursor ? sql`(${auditLog.at}, ${auditLog.id}) < ${place}` : undefined)
    .orderBy(desc(auditLog.at), desc(auditLog.id))
    .limit(pageLength + 1)
  const entries = rows.slice(0, pageLength).map(
    ({ entry, actor, target }): LogEntry => ({
      id: entry.id,
      at: entry.at.toISOString(),
      action: entry.action as AuditAction,
      actor: actor && toPerson(actor),
      target: target && toPerson(target),
      details: entry.details,
      reason: entry.reason,
    }),
  )
  return { entries, nextCursor: rows.length > pageLength ? (entries.at(-1)?.id ?? null) : null }
}

/** Deletes entries after 400 days. The database refuses to delete them earlier. */
export const forgetOldActions = () =>
  database().delete(auditLog).where(lt(auditLog.at, sql`now() - interval '400 days'`))
