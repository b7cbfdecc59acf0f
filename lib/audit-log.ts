import 'server-only'
import { sql } from 'drizzle-orm'
import type { Transaction } from '@/db/connection'
import { auditLog } from '@/db/schema'
import type { CurrentUser } from './current-user'

/** What operators and moderators do, in the words that their log shows. */
export type AuditAction =
  | 'setup-link-made'
  | 'set-up'
  | 'setting-changed'
  | 'role-changed'
  | 'reset-link-made'
  | 'link-made'
  | 'link-ended'
  | 'suspended'
  | 'suspension-lifted'
  | 'account-deleted'
  | 'message-deleted'
  | 'report-closed'
  | 'room-closed'
  | 'room-opened'
  | 'put-out'
  | 'messages-expired'

type Entry = {
  targetId?: string
  /** Ids, numbers, and old and new values. Never a message's text or a token. */
  details?: Record<string, unknown>
  reason?: string
}

/** Adds an entry, in the transaction of what it tells about. `by` is null for a command from the site's shell. */
export const recordAction = (
  tx: Pick<Transaction, 'insert'>,
  by: Pick<CurrentUser, 'id'> | null,
  action: AuditAction,
  entry: Entry = {},
) =>
  tx
    .insert(auditLog)
    // Entries of one transaction stay in their order.
    .values({ actorId: by?.id ?? null, action, at: sql`clock_timestamp()`, ...entry })
