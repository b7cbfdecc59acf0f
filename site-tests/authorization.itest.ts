import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import * as channels from '@/lib/realtime/channels'
import { type Actor, actors, type Credentials, World } from '@/testing/actors'
import { type HttpResponse, type RequestOptions, request, siteUrl } from '@/testing/http'
import { socketId, unique } from '@/testing/people'

// Who may do what: every page, route, action and kind of channel has its row, and a new one fails here until it has.

type Row<Outcome> = Record<Actor, Outcome>
type Try = { world: World; actor: Actor; self: Credentials['self'] }
const { attendanceChannel, conversationChannel, peopleChannel, presenceChannel, userChannel } = channels

const row = <Outcome>(out: Outcome, signedIn: Outcome, others: Partial<Row<Outcome>> = {}): Row<Outcome> => ({
  nobody: out,
  revoked: out,
  stranger: signedIn,
  former: signedIn,
  guest: signedIn,
  member: signedIn,
  ...others,
})
const anyone = <Outcome>(outcome: Outcome) => row(outcome, outcome)

/** The sources with that name, as the table names them. */
const sources = (name: RegExp) =>
  readdirSync('app', { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file))
    .sort()
const read = (file: string) => readFileSync(join('app', file), 'utf8')

// ── Pages ──

/** `absent` is `missing` where the frame beside it lists the person's own conversations, and so the secret. */
type PageOutcome = 'shown' | 'login' | 'inside' | 'missing' | 'absent'
type PageRow = { path: (at: Try) => string; expect: Row<PageOutcome> }

const signedInPage = (path: string): PageRow => ({ path: () => path, expect: row('login', 'shown') })
const wayIn = (path: string): PageRow => ({ path: () => path, expect: row('shown', 'inside') })

const pages: Record<string, PageRow[]> = {
  '(chat)/page.tsx': [{ path: () => '/', expect: anyone('shown') }],
  '(account)/register/page.tsx': [wayIn('/register')],
  '(account)/login/page.tsx': [wayIn('/login')],
  '(account)/guest/page.tsx': [wayIn('/guest')],
  '(chat)/settings/page.tsx': [signedInPage('/settings')],
  '(chat)/people/page.tsx': [signedInPage('/people')],
  '(chat)/invitations/page.tsx': [signedInPage('/invitations')],
  '(chat)/rooms/page.tsx': [signedInPage('/rooms')],
  '(chat)/room/[name]/page.tsx': [
    // Public to all who are signed in, and joined by opening it.
    { path: ({ world }) => `/room/${world.roomName}`, expect: row('login', 'shown') },
    { path: () => '/room/no.name', expect: row('login', 'missing', { member: 'absent', revoked: 'login' }) },
  ],
  '(chat)/c/[id]/page.tsx': [
    {
      path: ({ world, actor }) => `/c/${world.direct(actor)}`,
      expect: row('login', 'missing', { member: 'shown', revoked: 'login' }),
    },
    {
      path: ({ world, actor }) => `/c/${world.direct(actor)}?before=2`,
      expect: row('login', 'missing', { member: 'shown' }),
    },
  ],
}

/** How a page is asked for: by a browser, and by the framework's own script in its several ways. */
const asked: Record<string, Record<string, string>> = {
  page: {},
  part: { rsc: '1' },
  'frame fetched ahead': { rsc: '1', 'next-router-prefetch': '1' },
  'segment fetched ahead': {
    rsc: '1',
    'next-router-prefetch': '1',
    'next-router-segment-prefetch': '/c/$d$id/__PAGE__',
  },
}

function assertPage(answer: HttpResponse, outcome: PageOutcome, way: string, { world, self }: Try) {
  const { status, text, headers } = answer
  if (outcome === 'shown') return assert.equal(status, 200)
  // To the framework's script the status is sent before the page is known.
  if (outcome === 'missing' || outcome === 'absent') assert.equal(status, way === 'page' ? 404 : 200)
  if (outcome === 'absent') return
  assertNothingTold(answer, world)
  assert.ok(!text.includes(`“${self.username}”`))
  if (outcome === 'missing') return
  const to = /NEXT_REDIRECT;replace;([^;]*);/.exec(text)?.[1] ?? headers.get('location') ?? ''
  // Fetched ahead is only the frame around the page, with nothing in it.
  if (way.endsWith('ahead') && !to) return assert.equal(status, 200)
  if (way === 'page') assert.equal(status, 307)
  assert.match(to, outcome === 'login' ? /^\/login\?from=/ : /^\/(rooms)?$/)
}

/** The framework first leads a script on to the address that goes with its headers. */
async function askPart(path: string, headers: Record<string, string>) {
  const answer = await request(path, { headers })
  const to = answer.headers.get('location') ?? ''
  return to.includes('_rsc') ? request(to, { headers }) : answer
}

/** Neither what was said nor who says it. */
function assertNothingTold({ text, headers }: HttpResponse, { secret, friend, member }: World) {
  const told = text + JSON.stringify([...headers])
  for (const one of [secret, friend.username, member.username])
    assert.ok(!told.includes(one), `“${one}” is told: ${told.slice(0, 300)}`)
}

// ── Routes ──

type RouteRow = {
  path: (at: Try) => string
  body?: (at: Try) => unknown
  /** By the token; and by the cookie, where that opens it. */
  expect: Row<number>
  cookie?: Row<number>
  headers?: (at: Try) => Record<string, string>
  /** For whom it does nothing, though it answers in its own way. */
  doesNothingFor?: Actor[]
}
type Route = Partial<Record<string, RouteRow[]>>

const fixed = (path: string) => () => path
const toDirect =
  (rest = '') =>
  ({ world, actor }: Try) =>
    `/api/conversations/${world.direct(actor)}${rest}`
const toDirectId = ({ world, actor }: Try) => world.direct(actor)
const toRoomById =
  (rest = '') =>
  ({ world }: Try) =>
    `/api/conversations/${world.roomId}${rest}`
const toRoom = ({ world }: Try) => `/api/room/${world.roomName}?timeout=1`
const signedIn = (status: number) => row(401, status)
const membersOnly = (status: number) => row(401, 404, { member: status })
/** For a page's own script or frame: with the cookie, and no token. */
const browserOnly = { expect: anyone(401) }
/** What a page's script shows of whose page it is. */
const ofPage = ({ self }: Try) => ({ 'parley-user': self.id, origin: new URL(siteUrl()).origin })
/** What a page's outbox sends is answered with what came of it. */
const outbox = (path: RouteRow['path']): RouteRow => ({
  path,
  headers: ofPage,
  body: () => ({ body: 'mine', nonce: unique() }),
  expect: anyone(200),
  cookie: anyone(200),
})
const refusedMethod = (path: RouteRow['path'], status = 405): RouteRow[] => [
  { path, expect: anyone(status), cookie: anyone(status) },
]

const routes: Record<string, Route> = {
  'api/[[...path]]/route.ts': Object.fromEntries(
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [
      method,
      ['/api', '/api/nothing', '/api/messages/x'].flatMap((path) => refusedMethod(fixed(path), 404)),
    ]),
  ),
  'api/auth/[...nextauth]/route.ts': {
    // It says of whom it knows only that there is somebody.
    GET: [{ path: fixed('/api/auth/session'), expect: anyone(200), cookie: anyone(200) }],
    POST: [{ path: fixed('/api/auth/signout'), expect: anyone(302), cookie: anyone(302) }],
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
    ],
  },
  'api/conversations/[id]/read/route.ts': {
    POST: [
      { path: toDirect('/read'), body: () => ({ seq: 1 }), expect: membersOnly(204) },
      { path: toRoomById('/read'), body: () => ({ seq: 1 }), expect: membersOnly(204) },
    ],
  },
  'api/health/route.ts': {
    GET: [{ path: fixed('/api/health'), expect: anyone(200), cookie: anyone(200) }],
  },
  'api/invitations/route.ts': {
    POST: [
      {
        path: fixed('/api/invitations'),
        body: ({ world }) => ({ username: world.inviter.username, leave: true }),
        // They wait for each other's answer already.
        expect: row(401, 201, { guest: 403, member: 409 }),
      },
      {
        path: fixed('/api/invitations'),
        body: ({ world }) => ({ username: world.guest.username, leave: true }),
        expect: signedIn(403),
      },
    ],
  },
  'api/invitations/[id]/route.ts': {
    POST: ['accept', 'reject', 'withdraw'].map((answer) => ({
      path: ({ world }) => `/api/invitations/${world.invitationId}`,
      body: () => ({ answer }),
      expect: answer === 'withdraw' ? signedIn(404) : membersOnly(200),
    })),
  },
  'api/login/route.ts': {
    POST: [
      {
        path: fixed('/api/login'),
        body: ({ world }) => ({ username: world.member.username, password: 'not hers' }),
        expect: anyone(401),
        cookie: anyone(401),
      },
    ],
  },
  'api/logout/route.ts': { POST: [{ path: fixed('/api/logout'), expect: signedIn(204) }] },
  'api/me/route.ts': { GET: [{ path: fixed('/api/me'), expect: signedIn(200) }] },
  'api/metrics/route.ts': {
    // Where no token is set there are none.
    GET: [{ path: fixed('/api/metrics'), expect: anyone(404), cookie: anyone(404) }],
  },
  'api/realtime/auth/route.ts': {
    POST: [
      {
        path: fixed('/api/realtime/auth'),
        body: () => ({ socket_id: socketId() }),
        expect: signedIn(200),
        cookie: signedIn(200),
      },
    ],
  },
  'api/realtime/webhook/route.ts': {
    POST: [
      {
        path: fixed('/api/realtime/webhook'),
        body: ({ world }) => ({ events: [{ name: 'channel_vacated', channel: world.roomId }] }),
        expect: anyone(401),
        cookie: anyone(401),
      },
    ],
  },
  'api/register/route.ts': {
    POST: [
      {
        path: fixed('/api/register'),
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
        path: fixed('/api/session'),
        body: ({ world }) => ({ username: world.member.username }),
        expect: anyone(401),
        cookie: anyone(401),
      },
    ],
  },
  'api/users/route.ts': { GET: [{ path: fixed('/api/users'), expect: signedIn(200) }] },
  '(chat)/c/[id]/messages/route.ts': {
    GET: [
      {
        path: ({ world, actor }) => `/c/${world.direct(actor)}/messages?after=0`,
        ...browserOnly,
        // The proxy hides what is not the reader's, before anyone asks whether the login session goes on.
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
        doesNothingFor: ['nobody', 'revoked', 'stranger', 'former', 'guest'],
      },
      {
        ...outbox(({ world }) => `/c/${world.roomId}/messages`),
        doesNothingFor: ['nobody', 'revoked', 'stranger', 'former', 'guest'],
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
    POST: [toDirectId, ({ world }: Try) => world.roomId].map((toId) => ({
      path: fixed('/receipts'),
      headers: ofPage,
      body: (at) => ({ receipts: [{ conversationId: toId(at), read: 1 }] }),
      // Whose login session is over is answered so.
      expect: anyone(200),
      cookie: row(200, 404, { member: 200 }),
    })),
  },
  '(chat)/room/[name]/messages/route.ts': {
    POST: [
      {
        ...outbox(({ world }) => `/room/${world.roomName}/messages`),
        doesNothingFor: ['nobody', 'revoked'],
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
const methodsOf = (file: string) => read(file).match(/\b(GET|POST|PUT|PATCH|DELETE)\b(?=[^:]*[}=])/g) ?? []

/** What the table does not name a route refuses, whoever asks. */
function rowsOf(file: string, method: string): RouteRow[] {
  const named = routes[file]?.[method]
  if (named) return named
  const [path] = Object.values(routes[file] ?? {}).flatMap((rows) => rows?.map(({ path }) => path) ?? [])
  assert.ok(path, `${file} is in the table`)
  return refusedMethod(path)
}

/** A method that the table does not name is refused before anyone is asked who they are: the usual way in will do. */
const waysIn = (file: string, method: string): ('token' | 'cookie')[] => {
  if (routes[file]?.[method]) return ['token', 'cookie']
  return [file.startsWith('api/') ? 'token' : 'cookie']
}

// ── Actions ──

/** `allowed` is what may come to nothing, as joining where one is. */
type ActionOutcome = 'done' | 'refused' | 'allowed'
/** `page` is where its form stands. */
type ActionRow = {
  fields: (at: Try) => Record<string, string>
  page: (at: Try) => string
  expect: Row<ActionOutcome>
}

const signedInAction = (others: Partial<Row<ActionOutcome>> = {}) =>
  row<ActionOutcome>('refused', 'done', others)
const memberAction = row<ActionOutcome>('refused', 'refused', { member: 'done' })
const notByThisWay = anyone<ActionOutcome>('refused')
/** Everybody may see it, and the composer stands there. */
const lobby = fixed('/room/lobby')
const ofDirect = ({ world, actor }: Try) => `/c/${world.direct(actor)}`

const actions: Record<string, ActionRow[]> = {
  createAccount: [
    {
      page: fixed('/register'),
      fields: ({ world }) => ({ username: world.member.username, password: 'long enough' }),
      expect: notByThisWay,
    },
  ],
  logInWithPassword: [
    {
      page: fixed('/login'),
      fields: ({ world }) => ({ username: world.member.username, password: 'not hers' }),
      expect: notByThisWay,
    },
  ],
  continueAsGuest: [
    {
      page: fixed('/guest'),
      fields: ({ world }) => ({ username: world.member.username }),
      expect: notByThisWay,
    },
  ],
  logOut: [{ page: fixed('/settings'), fields: () => ({}), expect: signedInAction() }],
  saveProfile: [
    {
      page: fixed('/settings'),
      fields: ({ world }) => ({ id: world.friend.id, firstName: 'X', lastName: '', gender: '0' }),
      expect: signedInAction(),
    },
  ],
  savePassword: [
    {
      page: fixed('/settings'),
      fields: () => ({ currentPassword: 'not theirs', newPassword: 'long enough' }),
      // A guest's first password.
      expect: row<ActionOutcome>('refused', 'refused', { guest: 'done' }),
    },
  ],
  endSession: [
    {
      page: fixed('/settings'),
      fields: ({ world }) => ({ id: world.sessionId }),
      expect: memberAction,
    },
  ],
  endEverySession: [{ page: fixed('/settings'), fields: () => ({}), expect: signedInAction() }],
  answer: ['accept', 'reject', 'withdraw'].map((answer) => ({
    page: fixed('/invitations'),
    fields: ({ world }) => ({ id: world.invitationId, answer }),
    expect: answer === 'withdraw' ? notByThisWay : memberAction,
  })),
  invitePerson: [
    {
      page: fixed('/people'),
      fields: ({ world }) => ({ username: world.inviter.username, leave: 'true' }),
      // The member is asked by the inviter already.
      expect: signedInAction({ guest: 'refused', member: 'refused' }),
    },
    {
      page: fixed('/people'),
      fields: ({ world }) => ({ username: world.guest.username, leave: 'true' }),
      expect: notByThisWay,
    },
  ],
  block: [
    {
      page: fixed('/people'),
      fields: ({ world }) => ({ id: world.inviter.id }),
      expect: signedInAction(),
    },
  ],
  unblock: [
    {
      page: fixed('/people'),
      fields: ({ world }) => ({ id: world.blocked.id }),
      expect: memberAction,
    },
  ],
  joinRoom: [
    {
      page: fixed('/rooms'),
      fields: ({ world }) => ({ name: world.roomName }),
      expect: signedInAction({ member: 'allowed' }),
    },
  ],
  leaveRoom: [
    { page: lobby, fields: ({ world }) => ({ id: world.roomId }), expect: memberAction },
    // A direct conversation is not left.
    { page: lobby, fields: ({ world, actor }) => ({ id: world.direct(actor) }), expect: notByThisWay },
  ],
  sendMessage: [
    ...[lobby, ofDirect].map((page) => ({
      page,
      fields: ({ world, actor }: Try) => ({
        conversationId: world.direct(actor),
        body: 'mine',
        nonce: unique(),
      }),
      expect: memberAction,
    })),
    {
      page: lobby,
      fields: ({ world }) => ({ conversationId: world.roomId, body: 'mine', nonce: unique() }),
      expect: memberAction,
    },
    {
      page: lobby,
      fields: ({ world }) => ({
        conversationId: world.roomId,
        room: world.roomName,
        body: 'mine',
        nonce: unique(),
      }),
      expect: signedInAction(),
    },
    {
      // Joining one does not open the other.
      page: lobby,
      fields: ({ world, actor }) => ({
        conversationId: world.direct(actor),
        room: 'lobby',
        body: 'mine',
        nonce: unique(),
      }),
      expect: memberAction,
    },
  ],
  discardDraft: [
    // Only what the browser's own cookie names.
    {
      page: lobby,
      fields: ({ world, actor }) => ({ conversationId: world.direct(actor) }),
      expect: notByThisWay,
    },
  ],
}

const actionFiles = () => sources(/\.tsx?$/).filter((file) => /^['"]use server['"]/m.test(read(file)))

/** The exported actions of the sources, and the ids that the build gave them. */
function actionIds() {
  const { PARLEY_BUILD_DIR = '.next' } = process.env
  const manifest = JSON.parse(
    readFileSync(join(PARLEY_BUILD_DIR, 'server/server-reference-manifest.json'), 'utf8'),
  ) as { node: Record<string, { exportedName: string }> }
  return new Map(Object.entries(manifest.node).map(([id, { exportedName }]) => [exportedName, id]))
}

type Sent = { id: string; path: string; fields: Record<string, string>; cookie?: string }

/** As a browser without JavaScript posts a form, and as a script does. */
const posted = {
  form: ({ id, path, fields, cookie }: Sent) =>
    post(path, cookie, [
      ...Object.entries(fields),
      ['$ACTION_REF_1', ''],
      ['$ACTION_1:0', JSON.stringify({ id, bound: '$@1' })],
      ['$ACTION_1:1', '[{}]'],
      ['$ACTION_KEY', 'k1'],
    ]),
  script: ({ id, path, fields, cookie }: Sent) =>
    post(
      path,
      cookie,
      // The arguments come last: they take in the fields that are there by then.
      [...Object.entries(fields).map(([name, value]) => [`_1_${name}`, value] as const), ['0', '[{},"$K1"]']],
      { 'next-action': id, accept: 'text/x-component' },
    ),
}

async function post(
  path: string,
  cookie: string | undefined,
  fields: (readonly [string, string])[],
  headers: object = {},
): Promise<HttpResponse> {
  const body = new FormData()
  for (const [name, value] of fields) body.set(name, value)
  const { origin } = new URL(siteUrl())
  const answer = await fetch(new URL(path, origin), {
    method: 'POST',
    headers: { origin, ...(cookie && { cookie }), ...headers },
    body,
    redirect: 'manual',
  })
  return { status: answer.status, headers: answer.headers, text: await answer.text(), body: undefined }
}

// ── Channels ──

type ChannelRow = { name: (at: Try) => string | undefined; expect: Row<number> }
const mine = row(401, 200)
const nobodys = row(401, 403)
const members = row(401, 403, { member: 200 })

const channelRows: Record<string, ChannelRow[]> = {
  userChannel: [
    { name: ({ self }) => userChannel(self.id), expect: mine },
    { name: ({ world }) => userChannel(world.friend.id), expect: nobodys },
    { name: ({ self }) => `${userChannel(self.id)} `, expect: nobodys },
  ],
  conversationChannel: [
    { name: ({ world, actor }) => conversationChannel(world.direct(actor)), expect: members },
    { name: ({ world }) => conversationChannel(world.roomId), expect: members },
  ],
  presenceChannel: [
    { name: ({ world, actor }) => presenceChannel(world.direct(actor)), expect: members },
    { name: ({ world }) => presenceChannel(world.roomId), expect: members },
  ],
  peopleChannel: [{ name: () => peopleChannel, expect: mine }],
  attendanceChannel: [
    // Listening there is coming in, and rooms are everybody's.
    { name: ({ world, self }) => attendanceChannel(world.roomId, self.id), expect: mine },
    { name: ({ world }) => attendanceChannel(world.roomId, world.inviter.id), expect: nobodys },
    { name: ({ world, actor, self }) => attendanceChannel(world.direct(actor), self.id), expect: nobodys },
  ],
  'the sign-in': [{ name: () => undefined, expect: mine }],
  'any other': [
    'lobby',
    'private-x',
    'presence-x',
    'private-encrypted-x',
    '#server-to-user-x',
    'private-conversation-',
    'private-cache-x',
  ].map((name) => ({ name: () => name, expect: nobodys })),
}

// ── The walk ──

let cells = 0
const failures: string[] = []
after(() => console.log(`Authorization: ${cells} cells checked.`))

describe('authorization', { concurrency: 4 }, () => {
  after(assertAllRight)

  test('every page shows itself to whom it may, and tells the others nothing', async () => {
    assert.deepEqual(Object.keys(pages).sort(), sources(/(^|\/)page\.tsx$/))
    const world = await World.make()
    for (const [file, rows] of Object.entries(pages))
      for (const { path, expect } of rows)
        await eachActor(world, async (at, { cookie }) => {
          for (const [way, headers] of Object.entries(asked)) {
            const answer = await askPart(path(at), { ...headers, ...(cookie && { cookie }) })
            check(`${file} as a ${way} for ${at.actor}`, answer, () =>
              assertPage(answer, expect[at.actor], way, at),
            )
          }
        })
  })

  test('every route answers whom it may, by token and by cookie, and refuses every other method', async () => {
    assert.deepEqual(Object.keys(routes).sort(), sources(/(^|\/)route\.tsx?$/))
    const world = await World.make()
    for (const file of Object.keys(routes)) {
      assert.ok(methodsOf(file).length, `${file} exports methods`)
      for (const method of methodsOf(file))
        for (const rowOf of rowsOf(file, method))
          for (const by of waysIn(file, method))
            await eachActor(
              world,
              (at, credentials) => tryRoute({ file, method, by, rowOf }, at, credentials),
              Object.values(rowOf.expect).some((status) => status < 400) && method !== 'GET',
            )
    }
  })

  test('every action does for whom it may, as a form and as a script, and changes nothing for others', async () => {
    const exported = actionFiles().flatMap((file) =>
      [...read(file).matchAll(/^export (?:const|async function) (\w+)/gm)].map(([, name = '']) => name),
    )
    assert.deepEqual(Object.keys(actions).sort(), exported.sort())
    const ids = actionIds()
    assert.deepEqual([...ids.keys()].sort(), exported.sort(), 'as built')
    const world = await World.make()
    for (const [name, rows] of Object.entries(actions))
      for (const rowOf of rows)
        for (const way of ['form', 'script'] as const)
          await eachActor(
            world,
            (at, credentials) => tryAction({ name, id: String(ids.get(name)), way, rowOf }, at, credentials),
            true,
          )
  })

  test('every kind of channel is open to whom it is for', async () => {
    const kinds = Object.keys(channels).filter(
      (name) => name.endsWith('Channel') && !name.startsWith('parse'),
    )
    for (const kind of kinds) assert.ok(kind in channelRows, kind)
    const world = await World.make()
    for (const [kind, rows] of Object.entries(channelRows))
      for (const { name, expect } of rows)
        for (const by of ['token', 'cookie'] as const)
          await eachActor(world, async (at, { token, cookie }) => {
            const answer = await request('/api/realtime/auth', {
              body: { socket_id: socketId(), channel_name: name(at) },
              ...(by === 'token' ? { token } : { headers: cookie ? { cookie } : {} }),
            })
            check(`${kind} ${name(at)} by ${by} for ${at.actor}`, answer, () => {
              assert.equal(answer.status, expect[at.actor])
              if (answer.status !== 200) assert.ok(!/"auth"|user_data|channel_data/.test(answer.text))
            })
          })
  })
})

type RouteTry = { file: string; method: string; by: 'token' | 'cookie'; rowOf: RouteRow }

async function tryRoute({ file, method, by, rowOf }: RouteTry, at: Try, { token, cookie }: Credentials) {
  const { path, body, expect, cookie: byCookie, headers, doesNothingFor = [] } = rowOf
  // The API takes no cookie, a page's routes take no token.
  const expected = (by === 'token' ? expect : (byCookie ?? anyone(401)))[at.actor]
  // A page's routes take no token.
  const isNothing = doesNothingFor.includes(at.actor) || (rowOf.headers && by === 'token')
  const isRefused = expected >= 400 || isNothing
  const before = isRefused && (await at.world.state())
  const answer = await askBriefly(path(at), {
    method,
    body: body?.(at),
    token: by === 'token' ? token : undefined,
    headers: { ...headers?.(at), ...(by === 'cookie' && cookie && { cookie }) },
  })
  const now = isRefused && (await at.world.state())
  check(`${method} ${file} ${path(at)} by ${by} for ${at.actor}`, answer, () => {
    // A page's path refuses at its door what is no form, and hides what is not the reader's.
    const isAtDoor = !file.startsWith('api/') && isRefused && [401, 404, 415].includes(answer.status)
    if (!isAtDoor) assert.equal(answer.status, expected)
    assert.deepEqual(now, before)
    if (isRefused) assertNoSecret(answer, at.world)
  })
}

type ActionTry = { name: string; id: string; way: keyof typeof posted; rowOf: ActionRow }

async function tryAction({ name, id, way, rowOf }: ActionTry, at: Try, { cookie }: Credentials) {
  const { fields, page, expect } = rowOf
  const before = await at.world.state()
  const answer = await posted[way]({ id, path: page(at), fields: fields(at), cookie })
  const now = await at.world.state()
  check(`${name} as a ${way} at ${page(at)} for ${at.actor}`, answer, () => {
    assert.ok(answer.status < 500)
    if (expect[at.actor] === 'allowed') return
    if (expect[at.actor] === 'done') return assert.notDeepEqual(now, before)
    assert.deepEqual(now, before)
    if (at.actor !== 'member') assertNoSecret(answer, at.world)
  })
}

const assertNoSecret = ({ text }: HttpResponse, { secret }: World) =>
  assert.ok(!text.includes(secret), 'the secret is told')

/** A stream is asked no longer than its beginning takes. */
async function askBriefly(path: string, options: RequestOptions): Promise<HttpResponse> {
  if (!path.includes('/live')) return request(path, options)
  const stop = new AbortController()
  const { method, token, headers } = options
  const answer = await fetch(new URL(path, siteUrl()), {
    method,
    headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
    redirect: 'manual',
    signal: stop.signal,
  })
  const text = answer.status === 200 ? '' : await answer.text()
  stop.abort()
  return { status: answer.status, headers: answer.headers, text, body: undefined }
}

/** Each tries it in the world as it was; where it may change something, with a login session for this one try. */
async function eachActor(
  world: World,
  attempt: (at: Try, credentials: Credentials) => Promise<void>,
  mayChange = false,
) {
  await world.reset()
  for (const actor of actors) {
    if (mayChange) await world.reset()
    const credentials = mayChange ? await world.enter(actor) : await world.visit(actor)
    await attempt({ world, actor, self: credentials.self }, credentials)
  }
}

/** One cell of the table. All are looked at before the first that is wrong is told. */
function check(what: string, { status, text, headers }: HttpResponse, assertion: () => void) {
  cells++
  try {
    assertion()
  } catch (error) {
    const reason = (error as Error).message.slice(0, 300)
    failures.push(`${what}: ${reason}\n  ${status} ${headers.get('location') ?? ''} ${text.slice(0, 300)}`)
  }
}

function assertAllRight() {
  assert.equal(failures.length, 0, failures.join('\n'))
}
