import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { invite } from '@/lib/invitations'
import { joinRoom } from '@/lib/rooms'
import { cookieOf } from '@/testing/cookies'
import { type PageForm, readForms } from '@/testing/forms'
import { type HttpResponse, type RawRequest, rawRequest, siteUrl } from '@/testing/http'
import {
  friends,
  onlinePerson,
  person,
  say,
  socketId,
  type TestPerson,
  unique,
  withSession,
} from '@/testing/people'

const noId = '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f'
const megabytes2 = 2 * 2 ** 20
const invalidUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22, 0x7d])

/** Values that no field expects. */
const values: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  '',
  ' ',
  [],
  ['x'],
  {},
  { toString: 'x', length: -1 },
  { $ne: null },
  'a\0b',
  '\u001b[31m',
  '\r',
  '\ud800',
  'x\udc00',
  '\u202e\ufeff\uffff',
  "' or 1=1; --",
  '%_\\',
  '{{7*7}}<%= 7 %>',
  '__proto__',
  '../../etc/passwd',
  noId,
  'x'.repeat(100_000),
  '😀'.repeat(30_000),
]

/** Some of them, for fields that carry nothing but text. */
const texts = ['', 'a\0b', '\ud800', '\r', '%_\\', '__proto__', '$K1', noId, '😀'.repeat(30_000)]

/** Bodies that are no JSON object of ours. */
const bodies: (string | Buffer)[] = [
  '',
  ' ',
  '{',
  'null',
  'true',
  '7',
  '"text"',
  '[]',
  '[[[[',
  '{"__proto__":{"username":"x"},"constructor":{}}',
  '{"username":"a","username":{}}',
  '\ufeff{}',
  '\0',
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `{"a":"${'x'.repeat(100_000)}"}`,
  `{"username":"${'x'.repeat(megabytes2)}"}`,
  'username=ada&password=secret',
  '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nada\r\n--x--\r\n',
  '<?xml version="1.0"?><a/>',
  invalidUtf8,
  Buffer.alloc(3000, 0xff),
]

const contentTypes = [
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/problem+json',
  ';;;',
  'x'.repeat(2000),
]

/** What may stand where a path or a query has a value. */
const segments = [
  '0',
  '-1',
  'x',
  '%00',
  '%0a',
  '%ff',
  '%ud800',
  '%E0%A4%A',
  '%',
  '%2e%2e%2f',
  '..',
  "'",
  '%22%3E%3Cscript%3E',
  noId,
  noId.toUpperCase(),
  `${noId}%00`,
  '[id]',
  'x'.repeat(5000),
  '%F0%9F%98%80'.repeat(300),
]

type Call = { path: (id: string) => string; method: string; fields: Record<string, unknown> }
const fixed = (path: string) => () => path

/** The calls of the API, each with a body that would do. */
const calls = (me: TestPerson): Call[] => [
  {
    path: fixed('/api/register'),
    method: 'POST',
    fields: { username: 'a b', password: 'short', firstName: '', lastName: '', gender: 0 },
  },
  { path: fixed('/api/login'), method: 'POST', fields: { username: `nobody-${unique()}`, password: 'x' } },
  { path: fixed('/api/logout'), method: 'POST', fields: { token: 'x' } },
  { path: fixed('/api/invitations'), method: 'POST', fields: { username: me.username, leave: true } },
  { path: (id) => `/api/invitations/${id}`, method: 'POST', fields: { answer: 'accept' } },
  { path: (id) => `/api/conversations/${id}/messages`, method: 'POST', fields: { body: 'hi', nonce: 'n' } },
  { path: (id) => `/api/conversations/${id}/read`, method: 'POST', fields: { seq: 1 } },
  {
    path: fixed('/api/realtime/auth'),
    method: 'POST',
    fields: { socket_id: socketId(), channel_name: `private-user-${me.id}` },
  },
  { path: fixed('/api/realtime/webhook'), method: 'POST', fields: { events: [], time_ms: 1 } },
  { path: fixed('/api/me'), method: 'GET', fields: {} },
  { path: fixed('/api/users'), method: 'GET', fields: {} },
  { path: (id) => `/api/conversations/${id}/messages`, method: 'GET', fields: {} },
  { path: fixed('/api/session'), method: 'POST', fields: { username: 'a b', password: 'short' } },
  { path: (name) => `/api/room/${name}`, method: 'GET', fields: {} },
  { path: (name) => `/api/room/${name}`, method: 'POST', fields: { body: 'hi', nonce: 'n' } },
  { path: (name) => `/api/room/${name}`, method: 'DELETE', fields: {} },
  { path: fixed('/api/health'), method: 'GET', fields: {} },
]

const queries = (names: string[]) => [
  '?',
  '?&&==&%',
  '?__proto__=x&constructor=y',
  ...names.flatMap((name) => [
    `?${name}`,
    `?${name}=1&${name}=2`,
    `?${name}[]=1`,
    `?${name}[a]=1`,
    ...segments.map((segment) => `?${name}=${segment}`),
    `?${name}=//evil.example`,
    `?${name}=0:${'x'.repeat(3000)}`,
  ]),
]

let ada: TestPerson
let conversationId: string
let theirs: string
const room = `room-${unique()}`

before(async () => {
  const all = await friends()
  ada = all.ada
  conversationId = all.id
  await say(all.bob, all.id)
  await joinRoom(ada, { name: room })
  const { id } = await friends('cyd', 'dan')
  theirs = id
})

/** Somebody's invitation, which waits for ada's answer. */
async function invited() {
  const made = await invite(await onlinePerson('eve'), { username: ada.username, leave: true })
  assert.ok(made.outcome === 'sent' || made.outcome === 'left')
  return made.invitation.id
}

const authorized = () => ({ authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' })

test('no field of an API call makes it fail, whatever its value', async () => {
  const asks = calls(ada).flatMap(({ path, method, fields }) =>
    Object.keys(fields).flatMap((name) =>
      [...values, undefined].map((value) => {
        const body = JSON.stringify({ ...fields, [name]: value })
        return { method, path: path(idFor(path)), headers: headersFor(path), body }
      }),
    ),
  )
  await walk(asks, isProblem)
})

test('no body makes an API call fail, whatever it is and calls itself', async () => {
  const asks = calls(ada).flatMap(({ path, method, fields }) => {
    if (method !== 'POST') return []
    const to = { method, path: path(idFor(path)) }
    const good = JSON.stringify(fields)
    return [
      ...bodies.map((body) => ({ ...to, headers: headersFor(path), body })),
      ...contentTypes.flatMap((type) =>
        [good, 'x', invalidUtf8].map((body) => ({
          ...to,
          headers: { ...headersFor(path), 'content-type': type },
          body,
        })),
      ),
      { ...to, headers: { ...headersFor(path), 'content-encoding': 'gzip' }, body: good },
      { ...to, headers: { ...headersFor(path), 'transfer-encoding': 'chunked' }, body: good },
    ]
  })
  await walk(asks, isProblem)
})

test('no id, path or query makes an API call fail', async () => {
  const invitationId = await invited()
  const asks = calls(ada).flatMap(({ path, method, fields }) => {
    const body = method === 'POST' ? JSON.stringify(fields) : undefined
    const ids = path('1') === path('2') ? [] : [...segments, theirs, invitationId, ada.id]
    return [
      ...ids.map((id) => ({ method, path: path(id), headers: headersFor(path), body })),
      ...(method === 'GET'
        ? queries(['q', 'cursor', 'before', 'after', 'limit', 'timeout']).map((query) => ({
            method,
            path: path(idFor(path)) + query,
            headers: authorized(),
          }))
        : []),
    ]
  })
  const unknown = segments.map((segment) => ({
    method: 'GET',
    path: `/api/${segment}`,
    headers: authorized(),
  }))
  await walk([...asks, ...unknown])
})

test('no header makes an API call fail', async () => {
  const asks = hostileHeaders().flatMap((headers) =>
    ['/api/users', '/api/nothing'].map((path) => ({
      method: 'GET',
      path,
      headers: { authorization: `Bearer ${ada.token}`, ...headers },
    })),
  )
  await walk(asks)
})

test("next-auth's own paths answer nothing with a failure", async () => {
  const paths = [
    '',
    '/',
    '/x',
    '/session',
    '/csrf',
    '/providers',
    '/signin',
    '/signout',
    '/error',
    '/callback',
  ]
  const more = [
    '/callback/credentials',
    '/callback/x',
    '/signin/x',
    '/signin/credentials',
    '/error?error=x',
    '/%00',
  ]
  const asks = [...paths, ...more].flatMap((path) =>
    (['GET', 'POST', 'PUT'] as const).flatMap((method) =>
      (method === 'GET' ? [undefined] : ['', '{', 'token=x&csrfToken=y', '{"token":{}}']).flatMap((body) =>
        ['application/json', 'application/x-www-form-urlencoded'].map((type) => ({
          method,
          path: `/api/auth${path}`,
          headers: { 'content-type': type },
          body,
        })),
      ),
    ),
  )
  await walk(asks)
})

const pages = () => [
  '/',
  '/register',
  '/login',
  '/people',
  '/invitations',
  '/settings',
  `/c/${conversationId}`,
  `/c/${conversationId}/messages`,
  `/c/${conversationId}/live`,
  '/guest',
  '/rooms',
  `/room/${room}`,
  `/room/${room}/live`,
  `/room/free-${room}`,
]
const isForStrangers = (path: string) => /^.(login|register|guest)\b/.test(path)

test('no address of a page makes it fail', async () => {
  const cookie = await cookieOf(await withSession(ada))
  const own: Record<string, string[]> = {
    '/people': ['q', 'cursor'],
    '/login': ['from'],
    '/register': ['from'],
    [`/c/${conversationId}`]: ['before'],
    [`/c/${conversationId}/messages`]: ['before', 'after', 'limit'],
    [`/c/${conversationId}/live`]: ['after'],
    '/overview': ['open'],
    '/guest': ['from'],
    '/rooms': ['name'],
    [`/room/${room}`]: ['before'],
    [`/room/${room}/live`]: ['after'],
  }
  const ids = [...segments, theirs, ada.id, conversationId.toUpperCase(), `${conversationId}/x`]
  const paths = [
    ...Object.entries(own).flatMap(([path, names]) => queries(names).map((query) => path + query)),
    ...ids.flatMap((id) => [`/c/${id}`, `/c/${id}/messages`, `/c/${id}/live`]),
    ...ids.flatMap((id) => [`/room/${id}`, `/room/${id}/live`]),
    ...segments.map((segment) => `/${segment}`),
    ...[
      '//',
      '//evil.example',
      '/\\',
      '/.',
      '/c',
      '/c/',
      '/c//',
      '/_next/x',
      '/_next/image?url=x',
      '/_next/data/x',
      '/settings/',
      '/settings//x',
      '/api',
      '/api/',
      '/api//me',
      '/api/metrics',
    ],
  ]
  await walk(
    // Signed in, the first ones lead on to the home page.
    paths.map((path) => ({
      method: 'GET',
      path,
      headers: isForStrangers(path) ? undefined : { cookie },
    })),
  )
})

test('no report of what was read makes a page fail', async () => {
  const { origin } = new URL(siteUrl())
  const headers = { cookie: await cookieOf(await withSession(ada)), 'parley-user': ada.id, origin }
  const receipt = { conversationId, delivered: 1, read: 1 }
  const reports = [
    ...values.flatMap((value) => [
      { receipts: value },
      { receipts: [value] },
      ...Object.keys(receipt).map((name) => ({ receipts: [{ ...receipt, [name]: value }] })),
    ]),
    { receipts: [receipt, receipt, { conversationId: conversationId.toUpperCase(), read: 2 ** 53 - 1 }] },
    ...[theirs, noId].map((id) => ({ receipts: [{ ...receipt, conversationId: id }] })),
    { receipts: Array.from({ length: 10_000 }, () => receipt) },
  ].map((report) => JSON.stringify(report))
  const post = { method: 'POST', path: '/receipts' }
  await walk(
    [
      ...[...reports, ...bodies].map((body) => ({ ...post, headers, body })),
      ...contentTypes.map((type) => ({ ...post, headers: { ...headers, 'content-type': type }, body: '{}' })),
      ...['', noId, 'x'.repeat(5000)].map((reader) => ({
        ...post,
        headers: { ...headers, 'parley-user': reader },
        body: JSON.stringify({ receipts: [receipt] }),
      })),
    ],
    isProblem,
  )
})

test('no header and no method makes a page fail', async () => {
  const cookie = await cookieOf(await withSession(ada))
  const asks = pages().flatMap((path) => [
    ...['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].map((method) => ({
      method,
      path,
      headers: { cookie },
    })),
    ...(path === '/'
      ? hostileHeaders().map((headers) => ({ method: 'GET', path, headers: { cookie, ...headers } }))
      : []),
  ])
  await walk(asks)
})

test('no cookie makes a page fail', async () => {
  const [good, ended] = await Promise.all([cookieOf(ada), person().then(cookieOf)])
  const cookies = [
    'parley.session=',
    'parley.session=x',
    'parley.session=a.b.c.d.e',
    `${good.slice(0, -5)}`,
    `parley.session.0=${good.slice(15, 60)}; parley.session.1=x`,
    await cookieOf({ id: noId, loginSessionId: noId }),
    ended,
    `${good}; ${good}`,
    '=; ;;; =x',
  ]
  await walk(
    pages().flatMap((path) => cookies.map((cookie) => ({ method: 'GET', path, headers: { cookie } }))),
  )
})

test('no form makes a page fail', async () => {
  const forms = await allForms()
  const buttons = forms.map(({ button }) => button)
  for (const expected of [
    'Create account',
    'Log in',
    'Log out',
    'Send',
    'Save',
    'Change password',
    'Accept',
    'Continue as guest',
    'Join',
    'Leave',
  ])
    assert.ok(
      buttons.some((button) => button.startsWith(expected)),
      `the form “${expected}” among ${buttons}`,
    )
  await walk((await Promise.all(forms.map(badForms))).flat())
})

/** The forms of all pages, one an action, each with the page it stands on. */
async function allForms() {
  await invited()
  const found = new Map<string, PageForm & { path: string; isPublic: boolean }>()
  for (const path of pages()) {
    const isPublic = isForStrangers(path)
    const headers: Record<string, string> = isPublic ? {} : { cookie: await cookieOf(await withSession(ada)) }
    const { status, text } = await rawRequest({ method: 'GET', path, headers })
    assert.equal(status, 200, path)
    for (const form of readForms(text))
      if (!found.has(form.actionId)) found.set(form.actionId, { ...form, path, isPublic })
  }
  return [...found.values()]
}

async function badForms({ path, isPublic, actionId, fields }: Awaited<ReturnType<typeof allForms>>[number]) {
  const { origin } = new URL(siteUrl())
  // One of the forms logs out: each gets a login session of its own, and the person is nobody's friend.
  const cookie = isPublic ? '' : await cookieOf(await withSession(ada))
  const post = (body: string | Buffer, headers: Record<string, string>): RawRequest => ({
    method: 'POST',
    path,
    headers: { origin, ...(cookie && { cookie }), ...headers },
    body,
  })
  const form = (changed: Record<string, string | Buffer | undefined>, headers = {}) =>
    post(multipart({ ...fields, ...changed }), {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      ...headers,
    })
  const action = (body: string | Buffer, type: string, headers = {}) =>
    post(body, { 'next-action': actionId, accept: 'text/x-component', 'content-type': type, ...headers })
  const own = Object.keys(fields)
  const visible = own.filter((name) => !name.startsWith('$ACTION'))
  const framework = own.filter((name) => name.startsWith('$ACTION'))
  const unknownIds = ['0'.repeat(42), 'x', '', '__proto__', 'a b', 'f'.repeat(4000)]
  const scripted = (first: string, formFields: Record<string, string | Buffer> = { _1_username: 'ada' }) =>
    action(multipart({ ...formFields, 0: first }), `multipart/form-data; boundary=${boundary}`)
  return [
    // From elsewhere.
    ...['https://evil.example', 'null', 'x', '//', `${origin}.evil.example`].flatMap((other) => [
      form({}, { origin: other }),
      action('[{},"$K1"]', 'text/plain;charset=UTF-8', { origin: other }),
    ]),
    form({}, { host: 'evil.example' }),
    form({}, { 'x-forwarded-host': 'evil.example, ,' }),
    form({}, { referer: 'http://' }),
    // Fields of ours.
    ...visible.flatMap((name) => [
      ...texts.map((value) => form({ [name]: value })),
      form({ [name]: undefined }),
      form({ [name]: invalidUtf8 }),
      form({ [name]: 'x'.repeat(megabytes2) }),
    ]),
    form(Object.fromEntries(visible.map((name) => [name, undefined]))),
    form({ __proto__: 'x', constructor: 'y', 'a[b]': 'c' }),
    // Fields of the framework.
    ...framework.flatMap((name) =>
      [
        undefined,
        '',
        '{',
        '[]',
        'null',
        '"$F1"',
        '["$@9"]',
        '{"id":"x","bound":null}',
        '{"id":{},"bound":"$@1"}',
        '\0',
        'x'.repeat(100_000),
      ].map((value) => form({ [name]: value })),
    ),
    ...unknownIds.map((id) =>
      form(Object.fromEntries(framework.map((name) => [name, fields[name]?.replaceAll(actionId, id)]))),
    ),
    ...unknownIds.map((id) => form({ [`$ACTION_ID_${id}`]: '' })),
    form({ $ACTION_REF_99: '', '$ACTION_99:0': '{"id":"x","bound":"$@1"}' }),
    // Bodies that are no form.
    ...[
      'multipart/form-data',
      'multipart/form-data; boundary=',
      `multipart/form-data; boundary=other`,
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/json',
      '',
    ].map((type) => post(multipart(fields), { 'content-type': type })),
    ...['', '--', `--${boundary}--\r\n`, `--${boundary}\r\n\r\n`, '\0', invalidUtf8].map((body) =>
      post(body, { 'content-type': `multipart/form-data; boundary=${boundary}` }),
    ),
    post(new URLSearchParams(fields).toString(), { 'content-type': 'application/x-www-form-urlencoded' }),
    post('x'.repeat(megabytes2), { 'content-type': 'text/plain' }),
    // What a script would send, and what it would not.
    ...unknownIds.slice(0, 5).map((id) => action('[]', 'text/plain;charset=UTF-8', { 'next-action': id })),
    ...[
      '',
      '[',
      '[]',
      'null',
      '{}',
      '7',
      '[null]',
      '["$K1"]',
      '["$Q1"]',
      '["$@1"]',
      '["$F1"]',
      '["$B1"]',
      '["$undefined"]',
      '["$1:__proto__:constructor"]',
      '[{"then":"$1:x"}]',
      '["$n99999999999999999999"]',
      '["$Dx"]',
      '["$Sx"]',
      `${'['.repeat(5000)}`,
      '\0',
    ].flatMap((body) => [action(body, 'text/plain;charset=UTF-8'), scripted(body)]),
    ...[
      '["$K1"]',
      '[{},"$K1"]',
      '[{},"$K2"]',
      '[[],[]]',
      '["x","y"]',
      '[{},{}]',
      '["", 1e400]',
      '[{},"$1"]',
      '[{},"$@1"]',
      '[{},"$W1"]',
      '[{},"$o1"]',
      '[{},"$T1"]',
      '[{},"$R1"]',
    ].flatMap((body) => [
      scripted(body),
      scripted(body, { 1: '"$1"' }),
      scripted(body, { 1: '"$0"', _1_x: invalidUtf8 }),
    ]),
    action(invalidUtf8, 'text/plain;charset=UTF-8'),
    action('[]', 'multipart/form-data'),
    action('x'.repeat(megabytes2), 'text/plain'),
    action(multipart(fields), 'application/x-www-form-urlencoded'),
  ]
}

const boundary = 'parley-boundary'

/** A multipart body; what is not a text becomes a file's contents, as it is. */
function multipart(fields: Record<string, string | Buffer | undefined>) {
  const parts = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return []
    const file = typeof value === 'string' ? '' : '; filename="x"\r\nContent-Type: text/plain'
    return [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]
  })
  return Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])
}

/** Headers that a client may send, some of which the framework reads. */
const hostileHeaders = (): Record<string, string>[] => [
  ...['%', '[]', '["",{}]', '\u00ff', 'x'.repeat(4000)].flatMap((value): Record<string, string>[] => [
    { rsc: '1', 'next-router-state-tree': value },
    { rsc: value },
    { rsc: '1', 'next-url': value },
    { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': value },
    { 'x-nextjs-data': '1', 'x-matched-path': value },
    { 'x-forwarded-host': value },
    { 'x-forwarded-proto': value },
    { 'x-forwarded-for': value },
    { 'x-forwarded-port': value },
    { 'user-agent': value },
    { referer: value },
    { accept: value },
    { 'accept-language': value },
    { 'x-middleware-subrequest': value },
    { 'x-middleware-rewrite': value },
    { 'x-invoke-path': value, 'x-invoke-status': '500', 'x-invoke-error': value },
    { 'content-type': value },
    { 'next-action': value },
    { 'sec-fetch-dest': value },
    { 'sec-fetch-site': value },
    { 'x-request-id': value },
    { authorization: value },
    { authorization: `Bearer ${value}` },
  ]),
  ...['x', '', '127.0.0.1:x', '[', 'a b', '%00', '-', 'x'.repeat(4000)].map((host) => ({ host })),
  { 'if-none-match': '*', 'if-modified-since': 'x', range: 'bytes=9-1' },
]

/** What a call's path is about: an invitation's id, a room's name, or a conversation's id. */
function idFor(path: Call['path']) {
  if (path('').includes('invitations')) return noId
  return path('').includes('room') ? room : conversationId
}

/** With the person's token, which a logout would end: that goes without one. */
const headersFor = (path: Call['path']): Record<string, string> =>
  path('') === '/api/logout' ? { 'content-type': 'application/json' } : authorized()

let count = 0
after(() => console.log(`Hostile requests: ${count} sent.`))

type Reply = Pick<HttpResponse, 'status' | 'text' | 'headers'>

const isProblem = ({ status, headers }: Reply) =>
  status < 400 || headers.get('content-type') === 'application/problem+json'

/** Sends all, a few at a time. None may be answered with a failure of the site. */
async function walk(asks: RawRequest[], isFine: (answer: Reply) => boolean = () => true) {
  const failures: string[] = []
  const waiting = [...asks]
  const worker = async () => {
    for (let asked = waiting.pop(); asked; asked = waiting.pop()) {
      const said = await send(asked)
      if (said.status >= 500 || said.status === 0 || !isFine(said))
        failures.push(`${describe(asked)} → ${said.status} ${said.text.slice(0, 120)}`)
    }
  }
  await Promise.all(Array.from({ length: 6 }, worker))
  assert.ok(asks.length > 0)
  count += asks.length
  assert.deepEqual(failures, [], `${failures.length} of ${asks.length} failed`)
}

/** The server may hang up on a body that is too large while it is still being sent. */
async function send(asked: RawRequest): Promise<Reply> {
  const isHuge = (asked.body?.length ?? 0) > 2 ** 20
  return rawRequest(asked).catch((error: NodeJS.ErrnoException) => ({
    status: isHuge && /EPIPE|ECONNRESET/.test(error.code ?? '') ? 413 : 0,
    text: String(error),
    headers: new Headers({ 'content-type': 'application/problem+json' }),
  }))
}

function describe({ method, path, headers = {}, body }: RawRequest) {
  const { cookie, authorization, ...shown } = headers
  const said = body === undefined ? '' : JSON.stringify(body.toString('latin1' as never).slice(0, 400))
  return `${method} ${path.slice(0, 80)} ${JSON.stringify(shown).slice(0, 200)} ${said}`
}
