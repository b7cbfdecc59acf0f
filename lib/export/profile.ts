import 'server-only'
import { desc, eq, or } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { database } from '@/db/connection'
import {
  blocks,
  drafts,
  invitations,
  knownAddresses,
  links,
  loginSessions,
  reports,
  securityEvents,
  users,
} from '@/db/schema'
import type { CurrentUser } from '@/lib/current-user'
import { personColumns, toPerson } from '@/lib/users'

/** The most rows of each kind. Only somebody who was flooded has more. */
const most = 10_000

/** Sentences about the archive, for its `profile.json` and its first page. */
export const about = [
  'These are the data that this site has about you, and all conversations that you can see now.',
  'For each conversation there is a page to read, and a file with one message a line as JSON.',
  'Not included: your password, of which the site has only a hash, and the secret parts of links and tokens; conversations, groups and rooms that you have left; messages that were deleted; who has read what; and what moderators know of reports about you.',
  'Backups of the site may hold older states.',
]

/** All that the site knows of a person, except conversations. */
export async function loadProfile({ id }: CurrentUser) {
  const db = database()
  const isTheirs = (column: PgColumn) => eq(column, id)
  const [[account], sessions, events, addresses, blocked, invited, reported, made, written] =
    await Promise.all([
      db
        .select({
          id: users.id,
          username: users.username,
          firstName: users.firstName,
          lastName: users.lastName,
          gender: users.gender,
          role: users.role,
          createdAt: users.createdAt,
        })
        .from(users)
        .where(isTheirs(users.id)),
      db
        .select({
          client: loginSessions.client,
          userAgent: loginSessions.userAgent,
          address: loginSessions.address,
          createdAt: loginSessions.createdAt,
          lastSeenAt: loginSessions.lastSeenAt,
        })
        .from(loginSessions)
        .where(isTheirs(loginSessions.userId))
        .orderBy(desc(loginSessions.lastSeenAt))
        .limit(most),
      db
        .select({
          at: securityEvents.at,
          kind: securityEvents.kind,
          count: securityEvents.count,
          address: securityEvents.address,
          userAgent: securityEvents.userAgent,
        })
        .from(securityEvents)
        .where(isTheirs(securityEvents.userId))
        .orderBy(desc(securityEvents.at))
        .limit(most),
      db
        .select({ address: knownAddresses.address, lastSeenAt: knownAddresses.lastSeenAt })
        .from(knownAddresses)
        .where(isTheirs(knownAddresses.userId))
        .limit(most),
      db
        .select({ person: personColumns(users), createdAt: blocks.createdAt })
        .from(blocks)
        .innerJoin(users, eq(users.id, blocks.blockedId))
        .where(isTheirs(blocks.blockerId))
        .limit(most),
      db
        .select({
          id: invitations.id,
          inviterId: invitations.inviterId,
          inviteeId: invitations.inviteeId,
          conversationId: invitations.conversationId,
          status: invitations.status,
          createdAt: invitations.createdAt,
          answeredAt: invitations.answeredAt,
        })
        .from(invitations)
        .where(or(isTheirs(invitations.inviterId), isTheirs(invitations.inviteeId)))
        .limit(most),
      db
        .select({
          id: reports.id,
          conversationId: reports.conversationId,
          seq: reports.seq,
          reason: reports.reason,
          note: reports.note,
          copy: reports.copy,
          createdAt: reports.createdAt,
          closedAt: reports.closedAt,
        })
        .from(reports)
        .where(isTheirs(reports.reporterId))
        .limit(most),
      db
        .select({
          id: links.id,
          uses: links.uses,
          used: links.used,
          groupId: links.groupId,
          withMaker: links.withMaker,
          createdAt: links.createdAt,
          expiresAt: links.expiresAt,
          endedAt: links.endedAt,
        })
        .from(links)
        .where(isTheirs(links.makerId))
        .limit(most),
      db
        .select({ conversationId: drafts.conversationId, body: drafts.body, createdAt: drafts.createdAt })
        .from(drafts)
        .where(isTheirs(drafts.userId))
        .limit(most),
    ])
  return {
    about,
    exportedAt: new Date(),
    account,
    loginSessions: sessions,
    securityEvents: events,
    addresses,
    blocks: blocked.map(({ person, createdAt }) => ({ ...toPerson(person), createdAt })),
    invitations: invited,
    reports: reported,
    links: made,
    drafts: written,
  }
}
