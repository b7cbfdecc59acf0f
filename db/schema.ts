import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  customType,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'

// Byte order, independent of the database's collation, so that one index serves equality, prefixes and paging.
const keyText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })
const instant = () => timestamp({ withTimezone: true })
const seqNumber = () => bigint({ mode: 'number' })

/** The texts whose beginning a search compares: first and last name, and the last name alone. */
export const nameText = {
  first: sql`(lower(first_name || ' ' || coalesce(last_name, '')) collate "C")`,
  last: sql`(lower(last_name) collate "C")`,
}
const withFirstName = sql`removed_at is null and first_name is not null`
const withLastName = sql`removed_at is null and last_name is not null`

export const users = pgTable(
  'users',
  {
    id: uuid().primaryKey().defaultRandom(),
    username: text().notNull(),
    usernameKey: keyText().notNull().generatedAlwaysAs(sql`lower(username)`),
    /** By bcrypt. Null for a guest. */
    passwordHash: text(),
    firstName: text(),
    lastName: text(),
    /** ISO/IEC 5218: 0 not known, 1 male, 2 female, 9 not applicable. */
    gender: smallint().notNull().default(0),
    searchText: text()
      .notNull()
      .generatedAlwaysAs(
        sql`lower(username || ' ' || coalesce(first_name, '') || ' ' || coalesce(last_name, ''))`,
      ),
    /** What the person may do on this site (lib/roles.ts). */
    role: text({ enum: ['person', 'moderator', 'operator'] })
      .notNull()
      .default('person'),
    /** The person cannot log in until this time: `infinity` if suspended for good. */
    suspendedUntil: instant(),
    suspensionReason: text(),
    /** When an operator made a link to reset the password, until the person has seen the notice of it. */
    resetLinkMadeAt: instant(),
    createdAt: instant().notNull().defaultNow(),
    /**
     * When an absent guest was removed, or an account deleted. Others may take the name. A guest's messages still show
     * it; a deleted person's row is called “deleted”, with the name “Deleted person” (lib/deletion.ts).
     */
    removedAt: instant(),
  },
  (table) => [
    uniqueIndex('users_username_key').on(table.usernameKey).where(sql`removed_at is null`),
    index('users_staff').on(table.role).where(sql`role <> 'person'`),
    index('users_guests').on(table.createdAt).where(sql`password_hash is null and removed_at is null`),
    index('users_search')
      .using('gin', table.searchText.op('gin_trgm_ops'))
      // In kB. Each search reads the whole list of pending entries.
      .with({ gin_pending_list_limit: 64 }),
    // For searches (lib/search.ts) by the start of a name, and for text that many names contain.
    index('users_first_name').on(nameText.first, table.usernameKey).where(withFirstName),
    index('users_last_name').on(nameText.last, table.usernameKey).where(withLastName),
    index('users_names').on(table.id, table.usernameKey, table.searchText).where(sql`removed_at is null`),
  ],
)

export const loginSessions = pgTable(
  'login_sessions',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    client: text({ enum: ['api', 'browser'] }).notNull(),
    /** SHA-256 of the bearer token. A browser's token is used once, for its cookie; this is then set to null. */
    tokenHash: text().unique(),
    userAgent: text(),
    address: text(),
    createdAt: instant().notNull().defaultNow(),
    lastSeenAt: instant().notNull().defaultNow(),
  },
  (table) => [index('login_sessions_user').on(table.userId)],
)

export const presence = pgTable(
  'presence',
  {
    userId: uuid()
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    lastRequestAt: instant(),
    /**
     * The person counts as connected until this time: `infinity` while a socket is open. The process of an open stream
     * moves it.
     */
    connectedUntil: instant(),
    /** The status in the last event about this person. */
    announcedOnline: boolean().notNull().default(false),
  },
  (table) => [
    index('presence_online').on(table.userId).where(sql`announced_online`),
    // For those whose time is over (lib/presence.ts).
    index('presence_expiring').on(table.connectedUntil).where(sql`announced_online`),
  ],
)

export const blocks = pgTable(
  'blocks',
  {
    blockerId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    blockedId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: instant().notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.blockerId, table.blockedId] }),
    index('blocks_blocked').on(table.blockedId),
  ],
)

export const conversations = pgTable(
  'conversations',
  {
    id: uuid().primaryKey().defaultRandom(),
    kind: text({ enum: ['direct', 'group', 'room'] }).notNull(),
    name: text(),
    /** The two people's ids, sorted. Unique, so that a pair has only one direct conversation. */
    directKey: text().unique(),
    lastSeq: seqNumber().notNull().default(0),
    /** The first message that is kept. Older ones were deleted, because the site keeps them only for some time. */
    firstSeq: seqNumber().notNull().default(1),
    /** The number of changes to messages that existed: edits, deletions and reactions. */
    version: seqNumber().notNull().default(0),
    /** Since when nobody can write in it: a moderator closed the room, or one of the two people deleted the account. */
    closedAt: instant(),
    lastActivityAt: instant().notNull().defaultNow(),
    createdAt: instant().notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('conversations_room_name').on(sql`lower(${table.name})`).where(sql`kind = 'room'`),
    check('conversations_direct_key', sql`(kind = 'direct') = (direct_key is not null)`),
  ],
)

/** Whether a membership has messages that did not reach the person yet. */
export const isUndelivered = sql<boolean>`(last_delivered_seq < newest_seq)`

export const memberships = pgTable(
  'memberships',
  {
    conversationId: uuid()
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text({ enum: ['member', 'owner'] })
      .notNull()
      .default('member'),
    lastDeliveredSeq: seqNumber().notNull().default(0),
    lastReadSeq: seqNumber().notNull().default(0),
    joinedAt: instant().notNull().defaultNow(),
    /**
     * In rooms: the person counts as present until this time: `infinity` while a tab has a socket. The process of an
     * open stream moves it.
     */
    presentUntil: instant(),
    /**
     * Copies of the conversation's `lastActivityAt` and `lastSeq`, so that indexes can sort a person's list and find
     * what is unread. Null in rooms, where each message would write a row for each of many people.
     */
    activeAt: instant(),
    newestSeq: seqNumber(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    index('memberships_list').on(table.userId, table.activeAt, table.conversationId),
    index('memberships_unread').on(table.userId, isUndelivered).where(sql`last_read_seq < newest_seq`),
    index('memberships_present').on(table.presentUntil).where(sql`present_until is not null`),
    index('memberships_rooms').on(table.conversationId).where(sql`present_until is not null`),
  ],
)

export const messages = pgTable(
  'messages',
  {
    conversationId: uuid()
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    seq: seqNumber().notNull(),
    id: uuid().notNull().defaultRandom(),
    senderId: uuid()
      .notNull()
      .references(() => users.id),
    body: text().notNull(),
    /** Made by the sender's client. A message that is sent again with the same nonce is stored once. */
    nonce: text().notNull(),
    createdAt: instant().notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq] }),
    unique('messages_nonce').on(table.conversationId, table.senderId, table.nonce),
  ],
)

const messageKey = () => ({
  conversationId: uuid()
    .notNull()
    .references(() => conversations.id, { onDelete: 'cascade' }),
  seq: seqNumber().notNull(),
})

/** Messages that were edited, deleted or reacted to: most were not, and have no row here. */
export const messageChanges = pgTable(
  'message_changes',
  {
    ...messageKey(),
    /** The conversation's version after the message's last change. */
    version: seqNumber().notNull(),
    /** The version after its last edit; 0 if it was not edited. */
    bodyVersion: seqNumber().notNull().default(0),
    editedAt: instant(),
    deletedAt: instant(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq] }),
    unique('message_changes_version').on(table.conversationId, table.version),
  ],
)

/** The earlier texts of edited messages. */
export const messageVersions = pgTable(
  'message_versions',
  {
    ...messageKey(),
    /** The version since which the message had this text; 0 for the first one. */
    version: seqNumber().notNull(),
    body: text().notNull(),
    writtenAt: instant().notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.seq, table.version] })],
)

export const reactions = pgTable(
  'reactions',
  {
    ...messageKey(),
    emoji: keyText().notNull(),
    userId: uuid()
      .notNull()
      .references(() => users.id),
    /** The conversation's version after the reaction was added. */
    version: seqNumber().notNull(),
    createdAt: instant().notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq, table.emoji, table.userId] }),
    // For the list's line, which shows a reaction that is newer than the newest message.
    index('reactions_recent').on(table.conversationId, table.createdAt),
  ],
)

/** Messages that answer another one of the same conversation. */
export const replies = pgTable('replies', { ...messageKey(), toSeq: seqNumber().notNull() }, (table) => [
  primaryKey({ columns: [table.conversationId, table.seq] }),
])

export const mentions = pgTable(
  'mentions',
  {
    ...messageKey(),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: instant().notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq, table.userId] }),
    // For the count of unread mentions, and for a person's page of mentions.
    index('mentions_unread').on(table.userId, table.conversationId, table.seq),
  ],
)

/** The messages of a group that tell what happened there, such as who joined. */
export const notices = pgTable(
  'notices',
  {
    ...messageKey(),
    /** How many notices the conversation had with this one, so that unread messages can be counted without them. */
    number: seqNumber().notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.seq] })],
)

export const invitations = pgTable(
  'invitations',
  {
    id: uuid().primaryKey().defaultRandom(),
    inviterId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    inviteeId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The group; null if it is to a direct conversation. */
    conversationId: uuid().references(() => conversations.id, { onDelete: 'cascade' }),
    status: text({ enum: ['pending', 'accepted', 'rejected', 'withdrawn'] })
      .notNull()
      .default('pending'),
    createdAt: instant().notNull().defaultNow(),
    answeredAt: instant(),
    /** When the invited person left the group again by choice. The inviter has to wait before inviting them again. */
    leftAt: instant(),
  },
  (table) => [
    // One pending invitation to a direct conversation for each pair, in either direction, and one to a group for each
    // person.
    uniqueIndex('invitations_pending_direct')
      .on(sql`least(inviter_id, invitee_id)`, sql`greatest(inviter_id, invitee_id)`)
      .where(sql`status = 'pending' and conversation_id is null`),
    uniqueIndex('invitations_pending_group')
      .on(table.conversationId, table.inviteeId)
      .where(sql`status = 'pending' and conversation_id is not null`),
    index('invitations_sent').on(table.inviterId, table.createdAt).where(sql`status = 'pending'`),
    index('invitations_received').on(table.inviteeId, table.createdAt).where(sql`status = 'pending'`),
    // For removing a group, and for those who may not be invited to it again yet.
    index('invitations_group')
      .on(table.conversationId, table.inviteeId)
      .where(sql`conversation_id is not null`),
    index('invitations_inviter').on(table.inviterId, table.answeredAt),
    index('invitations_invitee').on(table.inviteeId, table.answeredAt),
    check('invitations_two_people', sql`inviter_id <> invitee_id`),
  ],
)

/** Addresses where people logged in by password. There, wrong passwords of others do not lock them out. */
export const knownAddresses = pgTable(
  'known_addresses',
  {
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The key of the address (lib/addresses.ts). */
    address: text().notNull(),
    lastSeenAt: instant().notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.address] })],
)

/**
 * When each allowance is full again (lib/limits.ts). The table is unlogged, so that sending does not wait for the disk.
 * After a crash of the database it is empty, and all allowances are full.
 */
export const limits = pgTable('limits', {
  key: keyText().primaryKey(),
  fullAt: instant().notNull(),
})

/**
 * The login session that first authorized each socket. No other may authorize it (lib/realtime/authorize.ts). There is
 * no foreign key, because the socket, and so this row, may exist for a moment after its login session.
 */
export const sockets = pgTable(
  'sockets',
  {
    /** The socket's id in Soketi. */
    id: keyText().primaryKey(),
    loginSessionId: uuid().notNull(),
    createdAt: instant().notNull().defaultNow(),
  },
  (table) => [index('sockets_age').on(table.createdAt)],
)

/**
 * Open streams, to count them per person and per address over all instances. The table is unlogged, because a row is
 * only valid while its process renews it.
 */
export const streams = pgTable(
  'streams',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid().notNull(),
    /** The key of the address (lib/addresses.ts). */
    address: text().notNull(),
    /** The row counts until this time, which the stream's process renews. */
    until: instant().notNull(),
  },
  (table) => [
    index('streams_user').on(table.userId),
    index('streams_address').on(table.address),
    index('streams_until').on(table.until),
  ],
)

/** Texts that people without JavaScript sent after their login session had ended. Kept until they log in again. */
export const drafts = pgTable(
  'drafts',
  {
    /** Known only to the browser of its writer, so that no one can put a text into another person's composer. */
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    conversationId: uuid()
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    body: text().notNull(),
    nonce: text().notNull(),
    createdAt: instant().notNull().defaultNow(),
  },
  (table) => [
    unique('drafts_place').on(table.userId, table.conversationId),
    index('drafts_age').on(table.createdAt),
  ],
)

/** What the operators have decided about the site. There is one row. */
export const siteSettings = pgTable(
  'site_settings',
  {
    id: boolean().primaryKey().default(true),
    siteName: text().notNull().default('Parley'),
    registration: text({ enum: ['open', 'link', 'closed'] })
      .notNull()
      .default('open'),
    guests: boolean().notNull().default(true),
    /** Those who may create rooms. */
    roomMakers: text({ enum: ['everyone', 'accounts', 'operators'] })
      .notNull()
      .default('everyone'),
    /** Those who may make links that bring people in. */
    linkMakers: text({ enum: ['operators', 'accounts'] })
      .notNull()
      .default('operators'),
    /** For how many days messages are kept. Null: for ever. */
    keepRooms: integer(),
    keepGroups: integer(),
    keepDirect: integer(),
  },
  (table) => [check('site_settings_one_row', sql`${table.id}`)],
)

/** Links that bring people in. */
export const links = pgTable(
  'links',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** The first part of the token, by which it is found, and a hash of all of it (lib/tokens.ts). */
    selector: keyText().notNull().unique(),
    tokenHash: text().notNull(),
    makerId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    uses: integer().notNull(),
    used: integer().notNull().default(0),
    /** The group that it leads into. */
    groupId: uuid().references(() => conversations.id, { onDelete: 'cascade' }),
    /** Whether it leads into a conversation with its maker. */
    withMaker: boolean().notNull().default(false),
    createdAt: instant().notNull().defaultNow(),
    expiresAt: instant().notNull(),
    endedAt: instant(),
  },
  (table) => [
    index('links_maker').on(table.makerId, table.createdAt),
    index('links_group').on(table.groupId).where(sql`group_id is not null`),
    check('links_used', sql`${table.used} between 0 and ${table.uses}`),
  ],
)

/** One-time links to set the site up, and to reset a password. */
export const oneTimeLinks = pgTable(
  'one_time_links',
  {
    id: uuid().primaryKey().defaultRandom(),
    selector: keyText().notNull().unique(),
    tokenHash: text().notNull(),
    purpose: text({ enum: ['setup', 'reset'] }).notNull(),
    /** The person whose password it resets. */
    userId: uuid().references(() => users.id, { onDelete: 'cascade' }),
    expiresAt: instant().notNull(),
    usedAt: instant(),
  },
  (table) => [index('one_time_links_user').on(table.userId)],
)

/** What operators and moderators did. A trigger refuses changes, and deletions within 400 days. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: uuid().primaryKey().defaultRandom(),
    at: instant().notNull().defaultNow(),
    /** Null: from a shell of the site. */
    actorId: uuid().references(() => users.id),
    action: text().notNull(),
    targetId: uuid().references(() => users.id),
    /** What else there is to know, such as the old and new value of a setting. Never a message's text. */
    details: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    reason: text(),
  },
  (table) => [index('audit_log_at').on(table.at, table.id)],
)

/** Logins, wrong passwords and the like, for the person's own settings. Kept for 90 days. */
export const securityEvents = pgTable(
  'security_events',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    at: instant().notNull().defaultNow(),
    kind: text().notNull(),
    /** How many of them this row counts: wrong passwords, or ended login sessions. */
    count: integer().notNull().default(1),
    address: text(),
    userAgent: text(),
  },
  (table) => [
    index('security_events_user').on(table.userId, table.at),
    index('security_events_at').on(table.at),
  ],
)

/** Messages that people reported. The copy stays if the message is deleted, until 90 days after closing. */
export const reports = pgTable(
  'reports',
  {
    id: uuid().primaryKey().defaultRandom(),
    reporterId: uuid()
      .notNull()
      .references(() => users.id),
    /** The sender of the message. */
    reportedId: uuid()
      .notNull()
      .references(() => users.id),
    /** No foreign keys: the conversation and the message may be deleted before the report. */
    conversationId: uuid().notNull(),
    seq: seqNumber().notNull(),
    reason: text({ enum: ['spam', 'abuse', 'other'] }).notNull(),
    note: text().notNull().default(''),
    /** The message as it was when it was reported; in a private conversation after up to five before it. */
    copy: jsonb().$type<ReportedMessage[]>().notNull(),
    createdAt: instant().notNull().defaultNow(),
    closedAt: instant(),
    closedBy: uuid().references(() => users.id),
  },
  (table) => [
    unique('reports_once').on(table.conversationId, table.seq, table.reporterId),
    index('reports_open').on(table.createdAt).where(sql`closed_at is null`),
    index('reports_closed').on(table.closedAt).where(sql`closed_at is not null`),
    index('reports_reporter').on(table.reporterId, table.createdAt),
  ],
)
export type ReportedMessage = {
  seq: number
  sender: { id: string; username: string; name: string }
  body: string
  createdAt: string
}

/** People whom a moderator put out of a room for a time. */
export const roomBans = pgTable(
  'room_bans',
  {
    conversationId: uuid()
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    until: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    index('room_bans_until').on(table.until),
  ],
)

/** Usernames of deleted accounts, which nobody can take for a time. */
export const barredNames = pgTable('barred_names', {
  usernameKey: keyText().primaryKey(),
  until: instant().notNull(),
})

/** When people exported their data, to limit it exactly. */
export const dataExports = pgTable(
  'data_exports',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    at: instant().notNull().defaultNow(),
  },
  (table) => [index('data_exports_user').on(table.userId, table.at)],
)

/** Long work that is done in batches (lib/jobs.ts). */
export const jobs = pgTable(
  'jobs',
  {
    id: uuid().primaryKey().defaultRandom(),
    kind: text().notNull(),
    /** What to do, and how far it has come: stored with each batch. */
    state: jsonb().$type<Record<string, unknown>>().notNull(),
    createdAt: instant().notNull().defaultNow(),
    /** A job that failed is tried again at this time. */
    dueAt: instant().notNull().defaultNow(),
    finishedAt: instant(),
  },
  (table) => [
    index('jobs_due').on(table.dueAt).where(sql`finished_at is null`),
    index('jobs_finished').on(table.finishedAt).where(sql`finished_at is not null`),
  ],
)

/** The site's numbers at the end of each day, to draw them. */
export const dailyNumbers = pgTable('daily_numbers', {
  day: date().primaryKey(),
  people: seqNumber().notNull(),
  conversations: seqNumber().notNull(),
  messages: seqNumber().notNull(),
  databaseBytes: seqNumber().notNull(),
})

/** Tasks that one instance at a time does, and until when the current lease lasts. */
export const leases = pgTable('leases', {
  name: text().primaryKey(),
  until: instant().notNull(),
})
