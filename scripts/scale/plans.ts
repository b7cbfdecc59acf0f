import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { logsWritten } from '../log-file'
import { operations } from './operations'
import { type FilledSite, forgetLimits } from './sites'

/** After five executions on a connection PostgreSQL may choose a generic plan for a prepared statement. */
const executions = 10
/** Other queries are the site's background tasks. */
const fewest = 3

/**
 * The plans of the queries that each operation sends to this database, as Markdown. PostgreSQL logs them, so they are
 * those of the site's own prepared statements. A plan that several operations have is shown once.
 */
export async function explain(site: FilledSite, database: string, admin: Sql, dataDir: string) {
  await logPlans(admin, database)
  const known = new Set<string>()
  const sections: string[] = []
  for (const { name, prepare } of operations) {
    await forgetLimits(site.sql)
    const skip = (await readLog(dataDir)).length
    for (let index = 0; index < executions; index++) await (await prepare(site, index))()
    const plans = plansIn((await readLog(dataDir)).slice(skip))
    const found = [...plans].filter(([key, { count }]) => count >= fewest && !known.has(key))
    for (const [key] of found) known.add(key)
    const shown = found.map(([, { query, plan }]) => `\`\`\`\n${query}\n\n${plan}\n\`\`\``)
    sections.push(`## ${name}`, ...(shown.length ? shown : ['No other plans than those above.']))
  }
  return sections.join('\n\n')
}

/** Makes PostgreSQL log the plan of each query in new connections, and closes the others. */
async function logPlans(admin: Sql, database: string) {
  for (const [name, value] of Object.entries({
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_buffers': 'on',
    'auto_explain.log_timing': 'off',
    'auto_explain.log_parameter_max_length': '0',
  }))
    await admin.unsafe(`alter database ${database} set ${name} = '${value}'`)
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database}`
  // The site opens a new pool.
  await sleep(2000)
}

async function readLog(dataDir: string) {
  await sleep(300)
  await logsWritten()
  return readFileSync(join(dataDir, 'logs/postgres.log'), 'utf8')
}

/** The last of each kind of plan, with how often it was used. The key is the query and the plan's nodes. */
function plansIn(log: string) {
  const plans = new Map<string, { query: string; plan: string; count: number }>()
  for (const [, entry = ''] of log.matchAll(/ ms {2}plan:\n((?:\t.*\n)+)/g)) {
    const lines = entry.trimEnd().replaceAll(/^\t/gm, '').split('\n')
    // The query may have several lines. Its plan begins with the first node, which has a cost.
    const isNode = (line: string) => line.includes('  (cost=')
    const start = lines.findIndex(isNode)
    const query = lines.slice(0, start).join(' ').replace('Query Text:', '').replaceAll(/\s+/g, ' ').trim()
    const plan = lines.slice(start)
    const key = [query, ...plan.filter(isNode).map((line) => line.replace(/ {2}\(cost=.*/, ''))].join('\n')
    plans.set(key, { query, plan: plan.join('\n'), count: (plans.get(key)?.count ?? 0) + 1 })
  }
  return plans
}
