import 'server-only'
import { and, eq, isNull, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import { type ReportedMessage, reports } from '@/db/schema'
import { recordAction } from './audit-log'
import { blockPerson } from './blocking'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'
import { check, checkbox, isId, remark } from './fields'
import { spend } from './limits'
import { requireMembership } from './memberships'
import { deleteReportedMessage } from './message-changes'
import { personObject } from './message-rows'
import { userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { hasModerators, listModerators, requireModerator } from './roles'
import { type PersonRow, shownName } from './users'

export type { ReportedMessage }

export const reportReasons = ['spam', 'abuse', 'other'] as const
export const reportRequest = z.object({
  reason: z.enum(reportReasons, 'Choose a reason.'),
  note: remark.nullish().transform((value) => value ?? ''),
  block: checkbox.meta({ description: 'Also block the sender.' }),
})

export const madeReport = z
  .object({
    id: z.string().meta({ format: 'uuid' }),
    conversationId: z.string().meta({ format: 'uuid' }),
    seq: z.int().min(1),
    reason: z.enum(reportReasons),
    note: z.string(),
    createdAt: z.string().meta({ format: 'date-time' }),
    isLookedAt: z.boolean().meta({ description: 'A moderator has closed it.' }),
  })
  .meta({ id: 'Report', description: 'A report as the person sees it who made it.' })
export type MadeReport = z.infer<typeof madeReport>

/** How long a report is kept after it was closed, and shown to its reporter after it was made. */
const kept = sql`interval '90 days'`

/**
 * Passes a message on to the moderators, with a copy that stays if the message is edited or deleted. A person reports a
 * message once: a further report changes nothing.
 * @returns the report, and whether it is new
 * @throws {Refusal} 422, 404 unless the person is in the conversation and it has this message, 403 for an own message,
 * for a notice and on a site without moderators, 410 for a deleted message, 429
 */
export async function reportMessage(
  user: CurrentUser,
  conversationId: string,
  seq: number,
  input: unknown,
): Promise<{ report: MadeReport; isNew: boolean }> {
  const { reason, note, block } = check(reportRequest, input)
  await spend('report', user)
  await requireMembership(user, conversationId)
  const { row, isNew } = await database().transaction(async (tx) => {
    const known = await findOwn(tx, user, conversationId, seq)
    if (known) return { row: known, isNew: false }
    const { senderId, copy } = await copyMessages(tx, user, conversationId, seq)
    const [added] = await tx
      .insert(reports)
      .values({ reporterId: user.id, reportedId: senderId, conversationId, seq, reason, note, copy })
      .onConflictDoNothing()
      .returning()
    const row = added ?? (await findOwn(tx, user, conversationId, seq))
    if (!row) throw missing('message')
    return { row, isNew: added !== undefined }
  })
  if (isNew) await publishOpen('report.created')
  if (block) await blockPerson(user, row.reportedId)
  return { report: toMadeReport(row), isNew }
}

type ReportRow = typeof reports.$inferSelect

async function findOwn(
  tx: Pick<Transaction, 'select'>,
  user: CurrentUser,
  conversationId: string,
  seq: number,
) {
  const [row] = await tx
    .select()
    .from(reports)
    .where(
      and(eq(reports.conversationId, conversationId), eq(reports.seq, seq), eq(reports.reporterId, user.id)),
    )
  return row
}

/** The `copy` that a report of the message would pass on. @throws {Refusal} as `reportMessage` does */
export async function previewReport(user: CurrentUser, conversationId: string, seq: number) {
  await requireMembership(user, conversationId)
  const { copy } = await copyMessages(database(), user, conversationId, seq)
  return { copy }
}

type Copied = {
  seq: string
  kind: 'direct' | 'group' | 'room'
  sender: PersonRow
  body: string
  createdAt: string
  isNotice: boolean
  isDeleted: boolean
}

/** The message, and in a private conversation up to five before it that somebody said and nobody deleted. */
async function copyMessages(
  tx: Pick<Transaction, 'execute'>,
  user: CurrentUser,
  conversationId: string,
  seq: number,
) {
  const rows = await tx.execute<Copied>(sql`
    select messages.seq, kind, ${personObject('users')} as sender, body, messages.created_at as "createdAt",
      number is not null as "isNotice", deleted_at is not null as "isDeleted"
    from conversations
      cross join lateral (select * from messages where conversation_id = conversations.id
        and (seq = ${seq} or (seq < ${seq} and kind <> 'room')) order by seq desc limit 100) as messages
      join users on users.id = sender_id
      left join message_changes using (conversation_id, seq)
      left join notices using (conversation_id, seq)
    where conversations.id = ${conversationId}
      and (messages.seq = ${seq} or (number is null and deleted_at is null))
    order by messages.seq desc limit 6`)
  const [target, ...before] = rows
  if (!target || Number(target.seq) !== seq) throw missing('message')
  if (target.isNotice || target.sender.id === user.id)
    throw new Refusal(403, 'You can report only messages of other people.')
  if (target.isDeleted) throw new Refusal(410, 'This message was deleted.')
  if (!(await hasModerators()))
    throw new Refusal(403, 'This site has no moderators to whom you could report.')
  const copy = [target, ...before].reverse().map(toReportedMessage)
  return { senderId: target.sender.id, copy }
}

const toReportedMessage = ({ seq, sender, body, createdAt }: Copied): ReportedMessage => ({
  seq: Number(seq),
  sender: { id: sender.id, username: sender.username, name: shownName(sender) },
  body,
  createdAt: new Date(createdAt).toISOString(),
})

const toMadeReport = ({ id, reason, note, createdAt, closedAt, ...row }: ReportRow): MadeReport => ({
  id,
  conversationId: row.conversationId,
  seq: row.seq,
  reason,
  note,
  createdAt: createdAt.toISOString(),
  isLookedAt: closedAt !== null,
})

/** The person's own reports of the last 90 days, the latest first: at most 50. */
export async function listOwnReports(user: CurrentUser) {
  const rows = await database()
    .select()
    .from(reports)
    .where(and(eq(reports.reporterId, user.id), sql`${reports.createdAt} > now() - ${kept}`))
    .orderBy(sql`${reports.createdAt} desc`)
    .limit(50)
  return rows.map((row) => ({ ...toMadeReport(row), sender: row.copy.at(-1)?.sender.name ?? '' }))
}

/** How many reports are open, counted up to 100. */
export async function countOpenReports() {
  const [row] = await database().execute<{ count: number }>(
    sql`select count(*)::int from (select from reports where closed_at is null limit 100) as open`,
  )
  return row?.count ?? 0
}

/** Shows all moderators how many reports are open now. */
async function publishOpen(name: 'report.created' | 'report.closed') {
  const [open, moderators] = await Promise.all([countOpenReports(), listModerators()])
  publish(event(moderators.map(userChannel), name, { open }))
}

/**
 * Closes a report. Of two moderators who close it, the first one stands in the log.
 * @throws {Refusal} 404 for other people than moderators, and for an unknown report, 403 for a moderator who closes one about
 * themselves, 429
 */
export async function closeReport(user: CurrentUser, id: string) {
  const report = await findReport(user, id)
  if (report.reportedId === user.id && user.siteRole === 'moderator')
    throw new Refusal(403, 'Another moderator has to close a report about you.')
  await spend('moderate', user)
  const isChanged = await database().transaction(async (tx) => {
    const closed = await tx
      .update(reports)
      .set({ closedAt: sql`now()`, closedBy: user.id })
      .where(and(eq(reports.id, id), isNull(reports.closedAt)))
      .returning({ id: reports.id })
    if (closed.length)
      await recordAction(tx, user, 'report-closed', {
        targetId: report.reportedId,
        details: { report: id, reason: report.reason },
      })
    return closed.length > 0
  })
  if (isChanged) await publishOpen('report.closed')
}

/**
 * Deletes the message of a report, also in a conversation that the moderator is not in, because it was passed on.
 * @throws {Refusal} 404 for other people than moderators, for an unknown report and for a message that is gone, 429
 */
export async function deleteReported(user: CurrentUser, id: string) {
  const { conversationId, seq } = await findReport(user, id)
  await deleteReportedMessage(user, conversationId, seq)
}

/** @throws {Refusal} 404 for other people than moderators, and for an unknown report */
export async function findReport(user: CurrentUser, id: string) {
  requireModerator(user)
  const [report] = isId(id) ? await database().select().from(reports).where(eq(reports.id, id)) : []
  if (!report) throw missing('report')
  return report
}

/** Deletes reports 90 days after they were closed. */
export const removeOldReports = () =>
  database()
    .delete(reports)
    .where(lt(reports.closedAt, sql`now() - ${kept}`))
