import 'server-only'
import type { SQL } from 'drizzle-orm'
import { type Database, database } from './connection'

type Values = Record<string, unknown>
type Prepared<Result> = { execute: (values: Values) => Promise<Result> }

/** A Drizzle query that is built once per pool instead of at each use. Its values are `sql.placeholder(name)`. */
export function prepared<Result>(build: (db: Database) => { prepare(name: string): Prepared<Result> }) {
  const built = new WeakMap<Database, Prepared<Result>>()
  return (values: Values) => {
    const db = database()
    const query = built.get(db) ?? build(db).prepare('prepared')
    built.set(db, query)
    return query.execute(values)
  }
}

/** The same as `prepared`, for a statement in SQL. */
export const preparedSql = <Row>(statement: SQL) =>
  prepared<Row[]>((db) => ({
    prepare: (name) =>
      db._.session.prepareQuery<{ execute: Row[]; all: unknown; values: unknown }>(
        db.execute(statement).getQuery(),
        undefined,
        name,
        false,
      ),
  }))
