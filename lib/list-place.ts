import 'server-only'
import { type SQLWrapper, sql } from 'drizzle-orm'

// The place of a row in a list that is ordered by time and id, the latest first. A cursor carries both.

/** A time since 1970, in microseconds: a JavaScript Date would lose some. */
export const toMicroseconds = (time: SQLWrapper) =>
  sql<string>`(extract(epoch from ${time}) * 1000000)::bigint`

/** The place with the time `at` in microseconds, to compare a row's time and id with. */
export const placeOf = (at: unknown, id: unknown) =>
  sql`(timestamptz 'epoch' + ${at} * interval '1 microsecond', ${id}::uuid)`

/** The place before all rows: a time far in the future, and the highest id. */
export const startPlace = { at: '9999999999999999', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
