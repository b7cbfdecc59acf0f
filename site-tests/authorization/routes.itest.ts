import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type HttpResponse, type RequestOptions, request, siteUrl } from '@/testing/http'
import { socketId, unique } from '@/testing/people'
import {
  type Attempt,
  anyone,
  assertNoSecret,
  checkTable,
  eachActor,
  fixedPath,
  type Row,
  readSource,
  row,
  sourceFiles,
  staffOnly,
} from './table'
import { type Actor, type Credentials, World } from './world'

test('a route serves only people who may use it, by token and by cookie, and refuses other methods', async () => {
  assert.deepEqual(Object.keys(routes).sort(), sourceFiles(/(^|\/)route\.tsx?$/))
  const world = await World.create()
  await checkTable(async (check) => {
    for (const file of Object.keys(routes)) {
      assert.ok(methodsOf(file).length, `${file} exports methods`)
      for (const method of methodsOf(file))
        for (const route of rowsOf(file, method))
          for (const by of credentialKinds(file, method))
            await eachActor(
              world,
              async (at, credentials) => {
                const { response, assertion } = await tryRoute({ file, method, by, route }, at, credentials)
                check(`${method} ${file}, ${route.path(at)}, by ${by}, for ${at.actor}`, response, assertion)
              },
              Object.values(route.expect).some((status) => status < 400) && method !== 'GET',
            )
    }
  })
})

type RouteRow = {
  path: (at: Attempt) => string
  body?: (at: Attempt) => unknown
  /** The status by token. */
  expect: Row<number>
  /** The status by cookie; 401 if left out. */
  cookie?: Row<number>
  headers?: (at: Attempt) => Record<string, string>
  /** These actors change nothing, although the status is a success. */
  doesNothingFor?: Actor[]
}
type Route = Partial<Record<string, RouteRow[]>>

const toDirect =
  (rest = '') =>
  ({ world, actor }: Attempt) =>
    `/api/conversations/${world.direct(actor)}${rest}`
const toDirectId = ({ world, actor }: Attempt) => world.direct(actor)
const toRoomById =
  (rest = '') =>
  ({ world }: Attempt) =>
    `/api/conversations/${world.roomId}${rest}`
const toGroup =
  (rest = '') =>
  ({ world }: Attempt) =>
    `/api/conversations/${world.groupId}${rest}`
const toRoom = ({ world }: Attempt) => `/api/room/${world.roomName}?timeout=1`
const signedIn = (status: number) => row(401, status)
const membersOnly = (status: number) => row(401, 404, { member: status })
/** For a page's own script or frame, which has a cookie and no token. */
const browserOnly = { expect: anyone(401) }
/** The headers by which a page's script shows whose page it is. */
const ofPage = ({ self }: Attempt) => ({ 'parley-user': self.id, origin: new URL(siteUrl()).origin })
/** A send from a page's outbox: the status is always a success, and the body says what happened. */
const outbox = (path: RouteRow['path']): RouteRow => ({
  path,
  headers: ofPage,
  body: () => ({ body: 'mine', nonce: unique() }),
  expect: anyone(200),
  cookie: anyone(200),
})
const reacting = () => ({ what: 'react', seq: 1, emoji: '👍', added: true })
const refusedMethod = (path: RouteRow['path'], status = 405): RouteRow[] => [
  { path, expect: anyone(status), cookie: anyone(status) },
]

const routes: Record<string, Route> = {
  'api/[[...path]]/route.ts': Object.fromEntries(
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [
      method,
      ['/api', '/api/nothing', '/api/messages/x'].flatMap((path) => refusedMethod(fixedPath(path), 404)),
    ]),
  ),
  'api/auth/[...nextauth]/route.ts': {
    // It reveals only whether someone is signed in.
    GET: [{ path: fixedPath('/api/auth/session'), expect: anyone(200), cookie: anyone(200) }],
    POST: [{ path: fixedPath('/api/auth/signout'), expect: anyone(302), cookie: anyone(302) }],
  },
  'api/conversations/[id]/messages/route.ts': {
    GET: [
      { path: toDirect('/messages'), expect: membersOnly(200) },
      { path: toDirect('/messages?after=0&limit=1'), expect: membersOnly(200) },
      { path: toRoomById('/messages'), expect: membersOnly(200) },
    ],
    POST: [
      { path: toDirect('/messages'), body: () => ({ body: 'mine' }), expect: membersOnly(201) },
      { path: toRoomById('/messages'), body: () => ({ body: 'mine' }), expect: membersOnly(201) },
      { path: toGroup('/messages'), body: () => ({ body: 'mine' }), expect: membersOnly(201) },
    ],
  },
  'api/conversations/[id]/messages/[seq]/reactions/[emoji]/route.ts': Object.fromEntries(
    ['PUT', 'DELETE'].map((method) => [
      method,
      [toDirect, toRoomById].map((to) => ({
        path: to('/messages/1/reactions/%F0%9F%91%8D'),
        expect: membersOnly(204),
      })),
    ]),
  ),
  // The second message of the direct conversation is the friend's, the others are the member's own.
  'api/conversations/[id]/messages/[seq]/report/route.ts': {
    POST: [
      { path: toDirect('/messages/2/report'), body: () => ({ reason: 'spam' }), expect: membersOnly(201) },
      { path: toDirect('/messages/1/report'), body: () => ({ reason: 'spam' }), expect: membersOnly(403) },
      { path: toRoomById('/messages/1/report'), body: () => ({ reason: 'spam' }), expect: membersOnly(403) },
    ],
  },
  // The first message of each conversation is the member's.
  'api/conversations/[id]/messages/[seq]/route.ts': {
    PATCH: [toDirect('/messages/1'), toRoomById('/messages/1')].map((path) => ({
      path,
      body: () => ({ body: 'mine' }),
      expect: membersOnly(200),
    })),
    DELETE: [
      { path: toDirect('/messages/1'), expect: membersOnly(204) },
      { path: toRoomById('/messages/1'), expect: membersOnly(204) },
      // The friend's.
      { path: toDirect('/messages/2'), expect: membersOnly(403) },
    ],
  },
  'api/conversations/[id]/read/route.ts': {
    POST: [
      { path: toDirect('/read'), body: () => ({ seq: 1 }), expect: membersOnly(204) },
      { path: toRoomById('/read'), body: () => ({ seq: 1 }), expect: membersOnly(204) },
    ],
  },
  'api/conversations/[id]/stream/route.ts': {
    GET: [
      { path: toDirect('/stream?timeout=1'), expect: membersOnly(200) },
      { path: toDirect('/stream?timeout=1&after=0&since=0'), expect: membersOnly(200) },
      { path: toRoomById('/stream?timeout=1'), expect: membersOnly(200) },
    ],
  },
  'api/conversations/[id]/route.ts': {
    PATCH: [
      { path: toGroup(), body: () => ({ title: 'mine' }), expect: membersOnly(200) },
      { path: toDirect(), body: () => ({ title: 'mine' }), expect: signedIn(404) },
    ],
  },
  'api/conversations/[id]/invitations/route.ts': {
    POST: [
      {
        path: toGroup('/invitations'),
        body: ({ world }) => ({ username: world.inviter.username }),
        expect: membersOnly(201),
      },
      {
        path: toDirect('/invitations'),
        body: ({ world }) => ({ username: world.inviter.username }),
        expect: signedIn(404),
      },
    ],
  },
  'api/conversations/[id]/people/[userId]/route.ts': {
    PATCH: [
      {
        path: (at) => toGroup(`/people/${at.world.friend.id}`)(at),
        body: () => ({ role: 'owner' }),
        expect: membersOnly(200),
      },
      {
        path: toGroup('/people/me'),
        body: () => ({ role: 'owner' }),
        expect: membersOnly(200),
        doesNothingFor: ['member'],
      },
    ],
    DELETE: [
      { path: (at) => toGroup(`/people/${at.world.friend.id}`)(at), expect: membersOnly(204) },
      { path: toGroup('/people/me'), expect: membersOnly(204) },
      { path: toDirect('/people/me'), expect: signedIn(404) },
      { path: ({ world }) => `/api/conversations/${world.roomId}/people/me`, expect: signedIn(404) },
    ],
  },
  'api/groups/route.ts': {
    POST: [
      {
        path: fixedPath('/api/groups'),
        body: ({ world }) => ({ title: 'mine', usernames: [world.inviter.username] }),
        expect: row(401, 201, { guest: 403 }),
      },
      {
        path: fixedPath('/api/groups'),
        body: ({ world }) => ({ title: 'mine', usernames: [world.guest.username] }),
        expect: signedIn(403),
      },
    ],
  },
  'api/links/route.ts': {
    GET: [{ path: fixedPath('/api/links'), expect: staffOnly(401, 403, 200) }],
    POST: [{ path: fixedPath('/api/links'), body: () => ({}), expect: staffOnly(401, 403, 201) }],
  },
  'api/links/[id]/route.ts': {
    DELETE: [{ path: ({ world }) => `/api/links/${world.link.id}`, expect: staffOnly(401, 403, 204) }],
  },
  'api/docs/route.ts': {
    GET: [{ path: fixedPath('/api/docs'), expect: anyone(200), cookie: anyone(200) }],
  },
  'api/health/route.ts': {
    GET: [{ path: fixedPath('/api/health'), expect: anyone(200), cookie: anyone(200) }],
  },
  'api/invitations/route.ts': {
    POST: [
      {
        path: fixedPath('/api/invitations'),
        body: ({ world }) => ({ username: world.inviter.username, leave: true }),
        // The inviter has already invited the member.
        expect: row(401, 201, { guest: 403, member: 409 }),
      },
      {
        path: fixedPath('/api/invitations'),
        body: ({ world }) => ({ username: world.guest.username, leave: true }),
        expect: signedIn(403),
      },
    ],
  },
  'api/invitations/[id]/route.ts': {
    POST: ['accept', 'reject', 'withdraw'].flatMap((answer) =>
      (['invitationId', 'groupInvitationId'] as const).map((kind) => ({
        path: ({ world }: Attempt) => `/api/invitations/${world[kind]}`,
        body: () => ({ answer }),
        expect: answer === 'withdraw' ? signedIn(404) : membersOnly(200),
      })),
    ),
  },
  'api/login/route.ts': {
    POST: [
      {
        path: fixedPath('/api/login'),
        body: ({ world }) => ({ username: world.member.username, password: 'not hers' }),
        expect: anyone(401),
        cookie: anyone(401),
      },
    ],
  },
  '(chat)/settings/data/export/route.ts': {
    POST: [
      {
        path: fixedPath('/settings/data/export'),
        body: () => ({ currentPassword: 'not theirs' }),
        // To the login, or to the page with the error. A guest has no password.
        expect: anyone(303),
        cookie: row(303, 303, { guest: 200 }),
      },
    ],
  },
  'api/export/route.ts': { GET: [{ path: fixedPath('/api/export'), expect: signedIn(200) }] },
  'api/logout/route.ts': { POST: [{ path: fixedPath('/api/logout'), expect: signedIn(204) }] },
  'api/me/route.ts': {
    GET: [{ path: fixedPath('/api/me'), expect: signedIn(200) }],
    // Without what happens to the messages, so that nobody is deleted.
    DELETE: [{ path: fixedPath('/api/me'), body: () => ({ password: 'not theirs' }), expect: signedIn(422) }],
  },
  'api/metrics/route.ts': {
    // The site under test has no PARLEY_METRICS_TOKEN.
    GET: [{ path: fixedPath('/api/metrics'), expect: anyone(404), cookie: anyone(404) }],
  },
  'api/openapi.json/route.ts': {
    GET: [{ path: fixedPath('/api/openapi.json'), expect: anyone(200), cookie: anyone(200) }],
  },
  'api/realtime/auth/route.ts': {
    POST: [
      {
        path: fixedPath('/api/realtime/auth'),
        body: () => ({ socket_id: socketId() }),
        expect: signedIn(200),
        cookie: signedIn(200),
      },
    ],
  },
  'api/realtime/webhook/route.ts': {
    POST: [
      {
        path: fixedPath('/api/realtime/webhook'),
        body: ({ world }) => ({ events: [{ name: 'channel_vacated', channel: world.roomId }] }),
        expect: anyone(401),
        cookie: anyone(401),
      },
    ],
  },
  'api/register/route.ts': {
    POST: [
      {
        path: fixedPath('/api/register'),
        body: ({ world }) => ({ username: world.member.username, password: 'long enough' }),
        expect: anyone(409),
        cookie: anyone(409),
      },
    ],
  },
  'api/room/[name]/route.ts': {
    GET: [{ path: toRoom, expect: signedIn(200) }],
    POST: [{ path: toRoom, body: () => ({ body: 'mine' }), expect: signedIn(201) }],
    DELETE: [{ path: toRoom, expect: signedIn(204) }],
  },
  'api/session/route.ts': {
    POST: [
      {
        path: fixedPath('/api/session'),
        body: ({ world }) => ({ username: world.member.username }),
        expect: anyone(401),
        cookie: anyone(401),
      },
    ],
  },
  'api/users/route.ts': { GET: [{ path: fixedPath('/api/users'), expect: signedIn(200) }] },
  '(chat)/c/[id]/messages/route.ts': {
    GET: [
      {
        path: ({ world, actor }) => `/c/${world.direct(actor)}/messages?after=0`,
        ...browserOnly,
        // The proxy hides other people's conversations before it looks at the login session.
        cookie: row(401, 404, { member: 200 }),
      },
      {
        path: ({ world }) => `/c/${world.roomId}/messages?after=0`,
        ...browserOnly,
        cookie: row(401, 404, { member: 200 }),
      },
    ],
    POST: [
      {
        ...outbox(({ world, actor }) => `/c/${world.direct(actor)}/messages`),
        doesNothingFor: ['signedOut', 'revoked', 'stranger', 'former', 'guest'],
      },
      {
        ...outbox(({ world }) => `/c/${world.roomId}/messages`),
        doesNothingFor: ['signedOut', 'revoked', 'stranger', 'former', 'guest'],
      },
    ],
  },
  '(chat)/c/[id]/changes/route.ts': {
    POST: [toDirectId, ({ world }: Attempt) => world.roomId].map((toId) => ({
      ...outbox((at) => `/c/${toId(at)}/changes`),
      body: reacting,
      doesNothingFor: ['signedOut', 'revoked', 'stranger', 'former', 'guest'],
    })),
  },
  '(chat)/room/[name]/changes/route.ts': {
    POST: [
      {
        ...outbox(({ world }) => `/room/${world.roomName}/changes`),
        body: reacting,
        doesNothingFor: ['signedOut', 'revoked'],
      },
    ],
  },
  'overview/route.ts': {
    GET: [
      {
        path: ({ world, actor }) => `/overview?open=${world.direct(actor)}`,
        expect: anyone(200),
        cookie: anyone(200),
      },
    ],
  },
  'receipts/route.ts': {
    POST: [toDirectId, ({ world }: Attempt) => world.roomId].map((toId) => ({
      path: fixedPath('/receipts'),
      headers: ofPage,
      body: (at) => ({ receipts: [{ conversationId: toId(at), read: 1 }] }),
      // A session that has ended gets a body that says so.
      expect: anyone(200),
      cookie: row(200, 404, { member: 200 }),
    })),
  },
  'styles.css/route.ts': {
    GET: [{ path: fixedPath('/styles.css'), expect: anyone(200), cookie: anyone(200) }],
  },
  '(chat)/room/[name]/messages/route.ts': {
    POST: [
      {
        ...outbox(({ world }) => `/room/${world.roomName}/messages`),
        doesNothingFor: ['signedOut', 'revoked'],
      },
    ],
  },
  '(chat)/c/[id]/live/route.ts': {
    GET: [
      {
        path: ({ world, actor }) => `/c/${world.direct(actor)}/live`,
        ...browserOnly,
        cookie: row(401, 404, { member: 200 }),
      },
      {
        path: ({ world }) => `/c/${world.roomId}/live`,
        ...browserOnly,
        cookie: row(401, 404, { member: 200 }),
      },
    ],
  },
  '(chat)/room/[name]/live/route.ts': {
    GET: [
      {
        path: ({ world }) => `/room/${world.roomName}/live`,
        ...browserOnly,
        cookie: row(401, 200),
      },
    ],
  },
}

/** The methods that a route exports. */
const methodsOf = (file: string) =>
  readSource(file).match(/\b(GET|POST|PUT|PATCH|DELETE)\b(?=[^:]*[}=])/g) ?? []

/** The rows of a route's method. A method that the table does not name must be refused for everyone. */
function rowsOf(file: string, method: string): RouteRow[] {
  const named = routes[file]?.[method]
  if (named) return named
  const [path] = Object.values(routes[file] ?? {}).flatMap((rows) => rows?.map(({ path }) => path) ?? [])
  assert.ok(path, `${file} is in the table`)
  return refusedMethod(path)
}

/** The credentials to try. One kind is enough for a method that is refused before authentication. */
const credentialKinds = (file: string, method: string): ('token' | 'cookie')[] => {
  if (routes[file]?.[method]) return ['token', 'cookie']
  return [file.startsWith('api/') ? 'token' : 'cookie']
}

type RouteAttempt = { file: string; method: string; by: 'token' | 'cookie'; route: RouteRow }

async function tryRoute(
  { file, method, by, route }: RouteAttempt,
  at: Attempt,
  { token, cookie }: Credentials,
) {
  const { path, body, expect, cookie: byCookie, headers, doesNothingFor = [] } = route
  // The API accepts no cookie.
  const expected = (by === 'token' ? expect : (byCookie ?? anyone(401)))[at.actor]
  // A page's routes accept no token.
  const isNothing = doesNothingFor.includes(at.actor) || (headers && by === 'token')
  const isRefused = expected >= 400 || isNothing
  const before = isRefused && (await at.world.state())
  const response = await requestBriefly(path(at), {
    method,
    body: body?.(at),
    token: by === 'token' ? token : undefined,
    headers: { ...headers?.(at), ...(by === 'cookie' && cookie && { cookie }) },
  })
  const now = isRefused && (await at.world.state())
  const assertion = () => {
    // The proxy refuses what is no form and hides other people's conversations, with statuses of its own.
    const isByProxy = !file.startsWith('api/') && isRefused && [401, 404, 415].includes(response.status)
    if (!isByProxy) assert.equal(response.status, expected)
    assert.deepEqual(now, before)
    if (isRefused) assertNoSecret(response, at.world)
  }
  return { response, assertion }
}

/** Sends a request, and closes a stream as soon as its status is known. */
async function requestBriefly(path: string, options: RequestOptions): Promise<HttpResponse> {
  if (!path.includes('/live')) return request(path, options)
  const stop = new AbortController()
  const { method, token, headers } = options
  const response = await fetch(new URL(path, siteUrl()), {
    method,
    headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
    redirect: 'manual',
    signal: stop.signal,
  })
  const text = response.status === 200 ? '' : await response.text()
  stop.abort()
  return { status: response.status, headers: response.headers, text, body: undefined }
}
