import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type HttpResponse, request } from '@/testing/http'
import { type Attempt, anyone, checkTable, eachActor, type Row, row, sourceFiles } from './table'
import { World } from './world'

test('a page is shown only to people who may see it, and reveals nothing to others', async () => {
  assert.deepEqual(Object.keys(pages).sort(), sourceFiles(/(^|\/)page\.tsx$/))
  const world = await World.create()
  await checkTable(async (check) => {
    for (const [file, rows] of Object.entries(pages))
      for (const { path, expect } of rows)
        await eachActor(world, async (at, { cookie }) => {
          for (const [kind, headers] of Object.entries(requestKinds)) {
            const response = await requestPage(path(at), { ...headers, ...(cookie && { cookie }) })
            check(`${file}, ${kind}, for ${at.actor}`, response, () =>
              assertPage(response, expect[at.actor], kind, at),
            )
          }
        })
  })
})

/** `absent` is like `missing`, but the list beside it shows the person's own conversations, and so the secret. */
type PageOutcome = 'shown' | 'login' | 'inside' | 'missing' | 'absent' | 'gone'
type PageRow = { path: (at: Attempt) => string; expect: Row<PageOutcome> }

const signedInPage = (path: string): PageRow => ({ path: () => path, expect: row('login', 'shown') })
/** A page for operators. */
const operatorPage = (path: string | PageRow['path']): PageRow => ({
  path: typeof path === 'string' ? () => path : path,
  expect: row('login', 'missing', { member: 'absent', operator: 'shown' }),
})
/** A page for moderators and operators. */
const staffPage = (path: PageRow['path']): PageRow => ({
  path,
  expect: row('login', 'missing', { member: 'absent', moderator: 'shown', operator: 'shown' }),
})
const wayIn = (path: string): PageRow => ({ path: () => path, expect: row('shown', 'inside') })

const pages: Record<string, PageRow[]> = {
  '(chat)/page.tsx': [{ path: () => '/', expect: anyone('shown') }],
  '(account)/register/page.tsx': [wayIn('/register')],
  '(account)/login/page.tsx': [wayIn('/login')],
  '(account)/guest/page.tsx': [wayIn('/guest')],
  '(account)/setup/[key]/page.tsx': [
    { path: ({ world }) => `/setup/${world.setupKey}`, expect: anyone('shown') },
    { path: () => '/setup/x', expect: anyone('gone') },
  ],
  '(chat)/about/page.tsx': [{ path: () => '/about', expect: anyone('shown') }],
  '(chat)/operator/page.tsx': [operatorPage('/operator')],
  '(chat)/operator/log/page.tsx': [operatorPage('/operator/log')],
  '(chat)/operator/people/page.tsx': [operatorPage('/operator/people')],
  '(chat)/operator/people/[userId]/page.tsx': [
    operatorPage(({ world }) => `/operator/people/${world.friend.id}`),
  ],
  '(account)/join/[token]/page.tsx': [
    { path: ({ world }) => `/join/${world.link.token}`, expect: anyone('shown') },
    { path: ({ world }) => `/join/${world.link.token.slice(0, -1)}`, expect: anyone('gone') },
  ],
  // A page of a link that can be used is in e2e/links.test.ts.
  '(account)/reset/[token]/page.tsx': [
    { path: ({ world }) => `/reset/${world.link.token}`, expect: anyone('gone') },
  ],
  '(chat)/links/page.tsx': [
    { path: () => '/links', expect: row('login', 'missing', { member: 'absent', operator: 'shown' }) },
  ],
  '(chat)/settings/page.tsx': [signedInPage('/settings')],
  '(chat)/settings/data/page.tsx': [signedInPage('/settings/data')],
  '(chat)/settings/data/delete/page.tsx': [signedInPage('/settings/data/delete')],
  '(chat)/people/page.tsx': [signedInPage('/people')],
  '(chat)/invitations/page.tsx': [signedInPage('/invitations')],
  '(chat)/mentions/page.tsx': [signedInPage('/mentions')],
  '(chat)/rooms/page.tsx': [signedInPage('/rooms')],
  '(chat)/room/[name]/page.tsx': [
    // Everyone signed in may open a room, and joins it by that.
    { path: ({ world }) => `/room/${world.roomName}`, expect: row('login', 'shown') },
    { path: () => '/room/no.name', expect: row('login', 'missing', { member: 'absent', revoked: 'login' }) },
  ],
  '(chat)/groups/new/page.tsx': [signedInPage('/groups/new')],
  '(chat)/c/[id]/people/page.tsx': [
    {
      path: ({ world }) => `/c/${world.groupId}/people`,
      expect: row('login', 'missing', { member: 'shown' }),
    },
    {
      // Only groups have this page.
      path: ({ world, actor }) => `/c/${world.direct(actor)}/people`,
      expect: row('login', 'missing', { member: 'absent' }),
    },
  ],
  '(chat)/c/[id]/page.tsx': [
    {
      path: ({ world }) => `/c/${world.groupId}`,
      expect: row('login', 'missing', { member: 'shown' }),
    },
    {
      path: ({ world, actor }) => `/c/${world.direct(actor)}`,
      expect: row('login', 'missing', { member: 'shown', revoked: 'login' }),
    },
    ...['before=2', 'at=1', 'reply=1'].map((query) => ({
      path: ({ world, actor }: Attempt) => `/c/${world.direct(actor)}?${query}`,
      expect: row<PageOutcome>('login', 'missing', { member: 'shown' }),
    })),
  ],
  '(chat)/room/[name]/moderate/page.tsx': [staffPage(({ world }) => `/room/${world.roomName}/moderate`)],
  '(chat)/operator/reports/page.tsx': [staffPage(() => '/operator/reports')],
  '(chat)/operator/reports/[id]/suspend/page.tsx': [
    staffPage(({ world }) => `/operator/reports/${world.reportId}/suspend`),
  ],
  ...Object.fromEntries(['', 'edit/', 'delete/', 'versions/', 'report/'].flatMap(pagesOfMessage)),
}

/** The page of a message, or one below it, in a conversation and in a room. */
function pagesOfMessage(part: string): [string, PageRow[]][] {
  const [file, rest] = [`m/[seq]/${part}page.tsx`, `/m/1/${part}`.replace(/\/$/, '')]
  return [
    [
      `(chat)/c/[id]/${file}`,
      [
        {
          path: ({ world, actor }) => `/c/${world.direct(actor)}${rest}`,
          expect: row('login', 'missing', { member: 'shown' }),
        },
      ],
    ],
    [
      `(chat)/room/[name]/${file}`,
      [{ path: ({ world }) => `/room/${world.roomName}${rest}`, expect: row('login', 'shown') }],
    ],
  ]
}

/** How browsers request a page: as a document, and in the ways of Next.js's script. */
const requestKinds: Record<string, Record<string, string>> = {
  document: {},
  flight: { rsc: '1' },
  'prefetched layout': { rsc: '1', 'next-router-prefetch': '1' },
  'prefetched segment': {
    rsc: '1',
    'next-router-prefetch': '1',
    'next-router-segment-prefetch': '/c/$d$id/__PAGE__',
  },
}

function assertPage(response: HttpResponse, outcome: PageOutcome, kind: string, { world, self }: Attempt) {
  const { status, text, headers } = response
  if (outcome === 'shown') return assert.equal(status, 200)
  // Next.js's script gets the status before the page is rendered.
  if (outcome === 'missing' || outcome === 'absent') assert.equal(status, kind === 'document' ? 404 : 200)
  if (outcome === 'gone' && kind === 'document') assert.equal(status, 410)
  if (outcome === 'absent') return
  assertNothingRevealed(response, world)
  assert.ok(!text.includes(`“${self.username}”`))
  if (outcome === 'missing' || outcome === 'gone') return
  const to = /NEXT_REDIRECT;replace;([^;]*);/.exec(text)?.[1] ?? headers.get('location') ?? ''
  // A prefetch holds only the layout around the page, without content.
  if (kind.startsWith('prefetched') && !to) return assert.equal(status, 200)
  if (kind === 'document') assert.equal(status, 307)
  assert.match(to, outcome === 'login' ? /^\/login\?from=/ : /^\/(rooms)?$/)
}

/** Requests a page. Next.js first redirects a script to the address that belongs to its headers. */
async function requestPage(path: string, headers: Record<string, string>) {
  const response = await request(path, { headers })
  const to = response.headers.get('location') ?? ''
  return to.includes('_rsc') ? request(to, { headers }) : response
}

/** Checks that the response contains neither a message nor the name of a member. */
function assertNothingRevealed({ text, headers }: HttpResponse, { secret, friend, member }: World) {
  const whole = text + JSON.stringify([...headers])
  for (const one of [secret, friend.username, member.username])
    assert.ok(!whole.includes(one), `it contains “${one}”: ${whole.slice(0, 300)}`)
}
