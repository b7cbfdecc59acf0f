import 'server-only'
import { and, desc, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { alias, type PgColumn } from 'drizzle-orm/pg-core'
import { database } from '@/db/connection'
import { conversations, messageChanges, messages, reports, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { placeOf, startPlace, toMicroseconds } from './list-place'
import { requireModerator } from './roles'
import { personColumns, toPerson } from './users'

const pageLength = 50

/** Where a page begins: among the open or the closed reports, after a time (in µs since 1970) and an id. */
type Place = { state: 'open' | 'closed'; at: string; id: string }
const startOf = (state: Place['state']): Place => ({ state, ...startPlace })
const cursorPattern = /^(open|closed):(\d{1,16}):([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/

function placeIn(cursor: string): Place {
  const [, state, at, id] = cursorPattern.exec(cursor) ?? []
  return at && id ? { state: state === 'closed' ? 'closed' : 'open', at, id } : startOf('open')
}

/**
 * The reports, 50 at a time: the open ones, then the closed ones, the latest first. `next` leads to the next page. A
 * malformed cursor is ignored.
 * @throws {Refusal} 404 for other people than moderators
 */
export async function listReports(user: CurrentUser, cursor = '') {
  requireModerator(user)
  const place = placeIn(cursor)
  const isOpen = place.state === 'open'
  const open = isOpen ? await selectPage(place, pageLength + 1) : []
  const left = pageLength + 1 - open.length
  const closed = left ? await selectPage(isOpen ? startOf('closed') : place, left) : []
  const rows = [...open, ...closed]
  const last = rows[pageLength - 1]
  const next = rows.length > pageLength && last && `${last.isOpen ? 'open' : 'closed'}:${last.at}:${last.id}`
  return { reports: rows.slice(0, pageLength).map(toReport), next: next || undefined }
}

const reporter = alias(users, 'reporter')
const reported = alias(users, 'reported')
const closer = alias(users, 'closer')

const columns = (time: PgColumn) => ({
  id: reports.id,
  seq: reports.seq,
  reason: reports.reason,
  note: reports.note,
  copy: reports.copy,
  createdAt: reports.createdAt,
  closedAt: reports.closedAt,
  isOpen: sql<boolean>`${reports.closedAt} is null`,
  at: toMicroseconds(time),
  reporter: personColumns(reporter),
  reported: personColumns(reported),
  reportedRole: reported.role,
  closer: personColumns(closer),
  kind: conversations.kind,
  name: conversations.name,
  // False too if the message is no longer kept.
  isThere: sql<boolean>`${messages.id} is not null and ${messageChanges.deletedAt} is null`,
})

function selectPage({ state, at, id }: Place, limit: number) {
  const time = state === 'open' ? reports.createdAt : reports.closedAt
  const isInState = state === 'open' ? isNull(reports.closedAt) : isNotNull(reports.closedAt)
  const before = sql`(${time}, ${reports.id}) < ${placeOf(at, id)}`
  return database()
    .select(columns(time))
    .from(reports)
    .innerJoin(reporter, eq(reporter.id, reports.reporterId))
    .innerJoin(reported, eq(reported.id, reports.reportedId))
    .leftJoin(closer, eq(closer.id, reports.closedBy))
    .leftJoin(conversations, eq(conversations.id, reports.conversationId))
    .leftJoin(
      messages,
      and(eq(messages.conversationId, reports.conversationId), eq(messages.seq, reports.seq)),
    )
    .leftJoin(
      messageChanges,
      and(eq(messageChanges.conversationId, reports.conversationId), eq(messageChanges.seq, reports.seq)),
    )
    .where(and(isInState, before))
    .orderBy(desc(time), desc(reports.id))
    .limit(limit)
}

type Row = Awaited<ReturnType<typeof selectPage>>[number]

/** A report as moderators see it. */
const toReport = ({ reporter, reported, closer, reportedRole, createdAt, closedAt, ...row }: Row) => ({
  ...row,
  reporter: toPerson(reporter),
  reported: { ...toPerson(reported), siteRole: reportedRole },
  closer: closer && toPerson(closer),
  createdAt: createdAt.toISOString(),
  closedAt: closedAt?.toISOString() ?? null,
})
export type Report = ReturnType<typeof toReport>
