import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HttpResponse } from '@/testing/http'
import { type Actor, actors, type Credentials, type World } from './world'

// The tables of this folder say what each actor may do: each page, route, action and kind of channel has its rows.

/** The expected outcome for each actor. */
export type Row<Outcome> = Record<Actor, Outcome>
export type Attempt = { world: World; actor: Actor; self: Credentials['self'] }

export const row = <Outcome>(
  signedOut: Outcome,
  signedIn: Outcome,
  others: Partial<Row<Outcome>> = {},
): Row<Outcome> => ({
  signedOut,
  revoked: signedOut,
  stranger: signedIn,
  former: signedIn,
  guest: signedIn,
  member: signedIn,
  moderator: signedIn,
  operator: signedIn,
  ...others,
})
/** For what only operators may do, or moderators too. */
export const staffOnly = <Outcome>(
  signedOut: Outcome,
  others: Outcome,
  operator: Outcome,
  moderator = others,
): Row<Outcome> => row(signedOut, others, { operator, moderator })
export const anyone = <Outcome>(outcome: Outcome) => row(outcome, outcome)
/** A path that is the same for every actor. */
export const fixedPath = (fixed: string) => () => fixed

/** The files of `app` with such a name, so that a test fails if one has no rows. */
export const sourceFiles = (name: RegExp) =>
  readdirSync('app', { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file))
    .sort()
export const readSource = (file: string) => readFileSync(join('app', file), 'utf8')

type Check = (cell: string, response: HttpResponse, assertion: () => void) => void

/** Lets `run` check the cells of a table, and reports all that failed. */
export async function checkTable(run: (check: Check) => Promise<void>) {
  let cells = 0
  const failures: string[] = []
  await run((cell, { status, text, headers }, assertion) => {
    cells++
    try {
      assertion()
    } catch (error) {
      const reason = (error as Error).message.slice(0, 300)
      failures.push(`${cell}: ${reason}\n  ${status} ${headers.get('location') ?? ''} ${text.slice(0, 300)}`)
    }
  })
  console.log(`${cells} cells checked`)
  assert.ok(cells > 0)
  assert.equal(failures.length, 0, failures.join('\n'))
}

/** Runs the attempt as each actor. If it may change something, each starts from the same state with a new session. */
export async function eachActor(
  world: World,
  attempt: (at: Attempt, credentials: Credentials) => Promise<void>,
  mayChange = false,
) {
  await world.reset()
  for (const actor of actors) {
    if (mayChange) await world.reset()
    const credentials = mayChange ? await world.newSession(actor) : await world.sharedSession(actor)
    await attempt({ world, actor, self: credentials.self }, credentials)
  }
}

export const assertNoSecret = ({ text }: HttpResponse, { secret }: World) =>
  assert.ok(!text.includes(secret), 'the response contains the secret')
