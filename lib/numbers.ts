import 'server-only'
import { desc, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { dailyNumbers } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { requireOperator } from './roles'

/** How much there is on the site. */
export type Numbers = Record<'people' | 'conversations' | 'messages' | 'databaseBytes', number>

const shownDays = 90

const counts = sql`(select count(*) from users where removed_at is null) as people,
  count(*) as conversations, coalesce(sum(last_seq - first_seq + 1), 0) as messages,
  pg_database_size(current_database()) as bytes from conversations`

/** The numbers now, and those of earlier days, the oldest first. @throws {Refusal} 404 unless the user is an operator */
export async function readNumbers(user: CurrentUser) {
  requireOperator(user)
  const [rows, days] = await Promise.all([
    database().execute<Record<string, string>>(sql`select ${counts}`),
    database().select().from(dailyNumbers).orderBy(desc(dailyNumbers.day)).limit(shownDays),
  ])
  const [{ people, conversations, messages, bytes } = {}] = rows
  const now: Numbers = {
    people: Number(people),
    conversations: Number(conversations),
    messages: Number(messages),
    databaseBytes: Number(bytes),
  }
  return { now, days: days.reverse() }
}

/** Stores the numbers of the day before, once, soon after midnight. Counting reads two whole tables. */
export const storeDailyNumbers = () =>
  database().execute(sql`
    insert into daily_numbers (day, people, conversations, messages, database_bytes)
    select current_date - 1, people, conversations, messages, bytes from (select ${counts}) as counted
    where not exists (select from daily_numbers where day = current_date - 1)
      and exists (select from users where created_at < current_date)
    on conflict do nothing`)
