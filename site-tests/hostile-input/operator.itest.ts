import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { database } from '@/db/connection'
import { makeOneTimeLink } from '@/lib/one-time-links'
import type { Parley } from '@/scripts/parley'
import { cookieOf } from '@/testing/cookies'
import { switchToOwnDatabase } from '@/testing/databases'
import { startOtherSite } from '@/testing/other-site'
import { person, type TestPerson, unknownId } from '@/testing/people'
import { formsOf, hostilePosts } from './hostile-posts'
import { sendAll } from './send-all'
import { queries, segments } from './values'

// On a site of its own, because some hostile values are names that a site may have.
let site: Parley
let olga: TestPerson
let bob: TestPerson
before(async () => {
  site = await startOtherSite({ DATABASE_URL: await switchToOwnDatabase() })
  process.env.PARLEY_SITE_URL = site.url
  olga = await person('olga', { siteRole: 'operator' })
  bob = await person('bob')
})
after(() => site.stop())

test('no path or query makes a page for operators fail', async () => {
  const headers = { cookie: await cookieOf(olga) }
  const paths = [
    ...queries(['q', 'cursor']).map((query) => `/operator/people${query}`),
    ...queries(['cursor']).map((query) => `/operator/log${query}`),
    ...[...segments, unknownId, bob.id.toUpperCase()].map((id) => `/operator/people/${id}`),
    ...segments.flatMap((segment) => [`/setup/${segment}`, `/operator/${segment}`, `/about?x=${segment}`]),
  ]
  await sendAll(paths.map((path) => ({ method: 'GET', path, headers })))
})

test('no form post makes a page for operators fail', async () => {
  const key = await makeOneTimeLink(database(), 'setup', { hours: 1 })
  const forms = await formsOf(olga, ['/operator', `/operator/people/${bob.id}`, `/setup/${key}`])
  assert.deepEqual(
    forms
      .map(({ button }) => button)
      .filter((button) => button !== 'Log out')
      .sort(),
    ['Delete account', 'Make a reset link', 'Make moderator', 'Save', 'Set up', 'Suspend'],
  )
  await sendAll((await Promise.all(forms.map((form) => hostilePosts(olga, form)))).flat())
})
