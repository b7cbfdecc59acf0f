import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020'
import addFormats from 'ajv-formats'
import { eq, sql } from 'drizzle-orm'
import postgres from 'postgres'
import { firstCommands } from '@/app/api/openapi/curl'
import type { ApiDocument, Operation } from '@/app/api/openapi/document'
import { database } from '@/db/connection'
import { limits, users } from '@/db/schema'
import { blockPerson } from '@/lib/blocking'
import { deleteMessage, editMessage } from '@/lib/message-changes'
import type { Parley } from '@/scripts/parley'
import { newDatabase } from '@/testing/databases'
import { type HttpResponse, type RequestOptions, rawRequest, request, siteUrl } from '@/testing/http'
import { whileSessionLocked } from '@/testing/locks'
import { startOtherSite } from '@/testing/other-site'
import {
  account,
  conversationOf,
  friends,
  makeGroup,
  makePeople,
  onlinePerson,
  password,
  person,
  say,
  socketId,
  type TestPerson,
  unique,
} from '@/testing/people'
import { occupyStreams } from '@/testing/streams'

// Provokes every status of every call, and compares the answers with the description as the site serves it. Ajv reads
// the JSON Schemas as clients do, so the way from zod to them is checked too.

const address = '198.51.100.7'
const metricsToken = 'the-token-of-the-metrics'
let api: ApiDocument
/** A site with limits, all used up, and metrics, and without Soketi. */
let strict: Parley
/** A site with a database of its own that takes no new people, and where only operators create rooms. */
let closedSite: Parley
/** Of a person on that site, and of its only operator. */
let closedToken: string
let operatorToken: string
let ada: TestPerson
let bob: TestPerson
/** An operator. */
let oda: TestPerson
let direct: string

before(async () => {
  strict = await startOtherSite({
    PARLEY_LIMITS: 'on',
    PARLEY_METRICS_TOKEN: metricsToken,
    TRUST_PROXY: 'true',
    SOKETI_URL: 'http://127.0.0.1:9',
  })
  const closedDatabase = await newDatabase()
  closedSite = await startOtherSite({ DATABASE_URL: closedDatabase })
  const [one, operator] = await Promise.all(
    [1, 2].map(() => request('/api/session', { site: closedSite.url, body: {} })),
  )
  closedToken = one?.body.token
  operatorToken = operator?.body.token
  const db = postgres(closedDatabase)
  await db`update site_settings set registration = 'closed', guests = false, room_makers = 'operators'`
  await db`update users set role = 'operator' where id = ${operator?.body.user.id}`
  await db.end()
  api = (await request('/api/openapi.json')).body
  await person('mod', { siteRole: 'moderator' })
  const both = await friends()
  ada = both.ada
  bob = both.bob
  oda = await person('oda', { siteRole: 'operator' })
  direct = both.id
  await say(bob, direct)
  await useUp(allowances())
  await occupyStreams(500, address)
})
after(() => Promise.all([strict.stop(), closedSite.stop()]))

type Attempt = () => Promise<HttpResponse>
const room = () => `/api/room/room-${unique()}`
const messages = (id: string) => `/api/conversations/${id}/messages`
const stream = (id: string) => `/api/conversations/${id}/stream`
const streamForms = ['text/plain', 'application/x-ndjson', 'text/event-stream']
const toAda = (path: string, body?: unknown, more: RequestOptions = {}) =>
  ada.request(path, { body, ...more })
const toClosed = (path: string, options: RequestOptions = {}) =>
  request(path, { site: closedSite.url, token: closedToken, ...options })
/** An id that nothing has. */
const noId = '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f'

async function invited() {
  const [inviter, invitee] = [await onlinePerson('inviter'), await onlinePerson('invitee')]
  const { body } = await inviter.request('/api/invitations', { body: { username: invitee.username } })
  return { inviter, invitee, path: `/api/invitations/${body.id}` }
}

/** A group that ada owns, with another person in it. */
async function grouped() {
  const other = await person()
  const path = `/api/conversations/${await makeGroup(ada, other)}`
  return { other, path, memberPath: `${path}/people/${other.id}` }
}

async function asMember(method: string, rest: string, body?: unknown) {
  const { other, path } = await grouped()
  return other.request(path + rest.replace('ADA', ada.id), { method, body })
}

async function invitedToGroup(outcome: 'member' | 'pending' | 'declined') {
  const { other, path } = await grouped()
  const invitee = outcome === 'member' ? other : await person()
  const invite = () => toAda(`${path}/invitations`, { username: invitee.username })
  const { body } = await invite()
  if (outcome === 'declined')
    await invitee.request(`/api/invitations/${body.id}`, { body: { answer: 'reject' } })
  return invite()
}

async function fullGroup() {
  const path = `/api/conversations/${await makeGroup(ada, ...(await makePeople(249)))}`
  const invitee = await person()
  const { body } = await toAda(`${path}/invitations`, { username: invitee.username })
  return invitee.request(`/api/invitations/${body.id}`, { body: { answer: 'accept' } })
}

async function closed() {
  const { ada, bob, id } = await friends()
  await blockPerson(bob, ada.id)
  return ada.request(messages(id), { body: { body: 'x' } })
}

const reaction = (id: string, emoji = '👍', seq = 1) =>
  `${messages(id)}/${seq}/reactions/${encodeURIComponent(emoji)}`

async function closedReaction(method: string) {
  const { ada, bob, id } = await friends()
  await say(bob, id)
  await blockPerson(bob, ada.id)
  return ada.request(reaction(id), { method })
}

async function deletedReaction(method: string) {
  const { seq } = await say(ada, direct)
  await deleteMessage(ada, direct, seq)
  return toAda(reaction(direct, '👍', seq), undefined, { method })
}

const patch = { method: 'PATCH' }

/** The path of a new message of Ada's. */
async function sentMessage() {
  const { seq } = await say(ada, direct)
  return `${messages(direct)}/${seq}`
}

async function twice(path: string) {
  const body = { body: 'once', nonce: 'n' }
  await toAda(path, body)
  return toAda(path, body)
}

async function refusedAgain(answer: string) {
  const { invitee, path } = await invited()
  await invitee.request(path, { body: { answer } })
  return invitee.request(path, { body: { answer } })
}

function sendWebhook(secret = process.env.SOKETI_APP_SECRET ?? '') {
  const body = JSON.stringify({ time_ms: 1, events: [{ name: 'channel_occupied', channel: 'x' }] })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const headers = {
    'x-pusher-key': process.env.SOKETI_APP_KEY ?? '',
    'x-pusher-signature': signature,
  }
  return request('/api/realtime/webhook', { body, headers })
}

/** By call and status; several if the answers of a status have several shapes. */
const attempts: Record<string, Record<number, Attempt | Attempt[]>> = {
  register: {
    200: () => request('/api/register', { body: { username: `new-${unique()}`, password } }),
    403: () => toClosed('/api/register', { body: { username: 'new', password } }),
    409: () => request('/api/register', { body: { username: ada.username, password } }),
    422: () => request('/api/register', { body: {} }),
  },
  logIn: {
    200: async () => {
      const { username } = await account()
      return request('/api/login', { body: { username, password } })
    },
    400: () => request('/api/login', { body: { username: `no-${unique()}`, password } }),
    401: async () => {
      const { username } = await account()
      return request('/api/login', { body: { username, password: 'wrong' } })
    },
    403: async () => {
      const { id, username } = await account()
      await database()
        .update(users)
        .set({ suspendedUntil: new Date('2100-01-01') })
        .where(eq(users.id, id))
      return request('/api/login', { body: { username, password } })
    },
    422: () => request('/api/login', { body: {} }),
  },
  startSession: {
    200: () => request('/api/session', { body: {} }),
    403: [{}, { username: 'new', password }].map((body) => () => toClosed('/api/session', { body })),
    401: () => request('/api/session', { body: { username: ada.username } }),
    422: () => request('/api/session', { body: { username: '' } }),
  },
  logOut: { 204: async () => (await person()).request('/api/logout', { method: 'POST' }) },
  loadMe: {
    200: async () => {
      const { invitee, inviter } = await invited()
      await toAda(messages(direct), { body: 'x' })
      await Promise.all([invitee, inviter].map((one) => one.request('/api/me')))
      return toAda('/api/me')
    },
    422: () => toAda('/api/me?cursor=x'),
  },
  deleteAccount: {
    204: async () => {
      const eve = await account()
      return eve.request('/api/me', { method: 'DELETE', body: { password, messages: 'erase' } })
    },
    409: () => toClosed('/api/me', { method: 'DELETE', token: operatorToken, body: { messages: 'keep' } }),
    422: () => toAda('/api/me', { password: 'wrong', messages: 'keep' }, { method: 'DELETE' }),
  },
  exportData: { 200: async () => (await person()).request('/api/export') },
  searchPeople: {
    200: [() => toAda('/api/users'), () => toAda(`/api/users?q=${bob.username}`)],
    422: () => toAda('/api/users?cursor=x'),
  },
  invite: {
    201: async () => toAda('/api/invitations', { username: (await onlinePerson()).username }),
    403: () => toAda('/api/invitations', { username: ada.username }),
    404: () => toAda('/api/invitations', { username: `no-${unique()}` }),
    409: [
      async () => toAda('/api/invitations', { username: (await person()).username }),
      () => toAda('/api/invitations', { username: bob.username }),
      async () => {
        const { inviter, invitee } = await invited()
        return inviter.request('/api/invitations', { body: { username: invitee.username } })
      },
    ],
    422: () => toAda('/api/invitations', {}),
  },
  answerInvitation: {
    200: [
      async () => {
        const { invitee, path } = await invited()
        return invitee.request(path, { body: { answer: 'accept' } })
      },
      async () => {
        const { inviter, path } = await invited()
        return inviter.request(path, { body: { answer: 'withdraw' } })
      },
    ],
    404: () => toAda(`/api/invitations/${noId}`, { answer: 'accept' }),
    409: [() => refusedAgain('accept'), () => refusedAgain('reject'), fullGroup],
    422: () => toAda(`/api/invitations/${noId}`, {}),
  },
  listMessages: {
    200: () => toAda(messages(direct)),
    404: () => toAda(messages(noId)),
    422: () => toAda(`${messages(direct)}?limit=0`),
  },
  sendMessage: {
    201: () => toAda(messages(direct), { body: 'x' }),
    200: () => twice(messages(direct)),
    403: closed,
    404: () => toAda(messages(noId), { body: 'x' }),
    422: () => toAda(messages(direct), {}),
  },
  addReaction: {
    204: () => toAda(reaction(direct), undefined, { method: 'PUT' }),
    403: () => closedReaction('PUT'),
    404: () => toAda(reaction(noId), undefined, { method: 'PUT' }),
    409: async () => {
      for (const emoji of ['😂', '🎉', '🔥'])
        await toAda(reaction(direct, emoji), undefined, { method: 'PUT' })
      return toAda(reaction(direct, '🚀'), undefined, { method: 'PUT' })
    },
    410: () => deletedReaction('PUT'),
    422: () => toAda(reaction(direct, 'x'), undefined, { method: 'PUT' }),
  },
  removeReaction: {
    204: () => toAda(reaction(direct), undefined, { method: 'DELETE' }),
    403: () => closedReaction('DELETE'),
    404: () => toAda(reaction(noId), undefined, { method: 'DELETE' }),
    410: () => deletedReaction('DELETE'),
    422: () => toAda(reaction(direct, 'x'), undefined, { method: 'DELETE' }),
  },
  editMessage: {
    200: async () => toAda(await sentMessage(), { body: 'y' }, patch),
    403: async () => bob.request(await sentMessage(), { body: { body: 'y' }, ...patch }),
    404: () => toAda(`${messages(direct)}/0`, { body: 'y' }, patch),
    409: async () => {
      const path = await sentMessage()
      await toAda(path, { body: 'y' }, patch)
      return toAda(path, { body: 'z', version: 0 }, patch)
    },
    410: async () => {
      const path = await sentMessage()
      await toAda(path, undefined, { method: 'DELETE' })
      return toAda(path, { body: 'y' }, patch)
    },
    422: async () => toAda(await sentMessage(), {}, patch),
  },
  deleteMessage: {
    204: async () => toAda(await sentMessage(), undefined, { method: 'DELETE' }),
    403: async () => bob.request(await sentMessage(), { method: 'DELETE' }),
    404: () => toAda(`${messages(direct)}/x`, undefined, { method: 'DELETE' }),
  },
  reportMessage: {
    201: async () => bob.request(`${await sentMessage()}/report`, { body: { reason: 'spam' } }),
    200: async () => {
      const path = `${await sentMessage()}/report`
      await bob.request(path, { body: { reason: 'spam' } })
      return bob.request(path, { body: { reason: 'other' } })
    },
    403: async () => toAda(`${await sentMessage()}/report`, { reason: 'spam' }),
    404: () => toAda(`${messages(noId)}/1/report`, { reason: 'spam' }),
    410: async () => {
      const path = await sentMessage()
      await toAda(path, undefined, { method: 'DELETE' })
      return bob.request(`${path}/report`, { body: { reason: 'spam' } })
    },
    422: async () => bob.request(`${await sentMessage()}/report`, { body: {} }),
  },
  createGroup: {
    201: async () => toAda('/api/groups', { title: 'Picnic', usernames: [(await person()).username] }),
    403: () => toAda('/api/groups', { title: 'Picnic', usernames: [ada.username] }),
    404: () => toAda('/api/groups', { title: 'Picnic', usernames: [`no-${unique()}`] }),
    422: [
      () => toAda('/api/groups', { title: 'Picnic', usernames: [] }),
      () => toAda('/api/groups', { title: '', usernames: [7] }),
    ],
  },
  renameGroup: {
    200: async () => toAda((await grouped()).path, { title: 'Tea' }, { method: 'PATCH' }),
    403: () => asMember('PATCH', '', { title: 'Tea' }),
    404: () => toAda(`/api/conversations/${direct}`, { title: 'Tea' }, { method: 'PATCH' }),
    422: () => toAda(`/api/conversations/${direct}`, {}, { method: 'PATCH' }),
  },
  inviteToGroup: {
    201: async () => toAda(`${(await grouped()).path}/invitations`, { username: (await person()).username }),
    403: [
      async () => toAda(`${(await grouped()).path}/invitations`, { username: ada.username }),
      () => asMember('POST', '/invitations', { username: ada.username }),
    ],
    404: [
      () => toAda(`/api/conversations/${direct}/invitations`, { username: bob.username }),
      async () => toAda(`${(await grouped()).path}/invitations`, { username: `no-${unique()}` }),
    ],
    409: (['member', 'pending', 'declined'] as const).map((outcome) => () => invitedToGroup(outcome)),
    422: () => toAda(`/api/conversations/${direct}/invitations`, {}),
  },
  setRole: {
    200: async () => toAda((await grouped()).memberPath, { role: 'owner' }, { method: 'PATCH' }),
    403: () => asMember('PATCH', '/people/ADA', { role: 'member' }),
    404: () => toAda(`/api/conversations/${direct}/people/me`, { role: 'owner' }, { method: 'PATCH' }),
    409: async () => toAda(`${(await grouped()).path}/people/me`, { role: 'member' }, { method: 'PATCH' }),
    422: () => toAda(`/api/conversations/${direct}/people/me`, {}, { method: 'PATCH' }),
  },
  removeFromGroup: {
    204: [
      async () => toAda((await grouped()).memberPath, undefined, { method: 'DELETE' }),
      async () => toAda(`${(await grouped()).path}/people/me`, undefined, { method: 'DELETE' }),
    ],
    403: () => asMember('DELETE', '/people/ADA'),
    404: () => toAda(`/api/conversations/${direct}/people/me`, undefined, { method: 'DELETE' }),
  },
  makeLink: {
    201: () => oda.request('/api/links', { body: { into: 'me' } }),
    403: [
      () => toAda('/api/links', {}),
      async () => oda.request('/api/links', { body: { into: await makeGroup(ada, oda) } }),
    ],
    404: () => oda.request('/api/links', { body: { into: noId } }),
    422: () => oda.request('/api/links', { body: { uses: 0 } }),
    429: () => oda.request('/api/links', { body: {}, site: strict.url }),
  },
  listLinks: {
    200: async () => {
      const group = await makeGroup(oda)
      for (const into of ['', 'me', group]) await oda.request('/api/links', { body: { into } })
      return oda.request('/api/links')
    },
    403: () => toAda('/api/links'),
    422: () => oda.request('/api/links?cursor=x'),
  },
  endLink: {
    204: async () => {
      const { id } = (await oda.request('/api/links', { body: {} })).body
      return oda.request(`/api/links/${id}`, { method: 'DELETE' })
    },
    403: () => toAda(`/api/links/${noId}`, undefined, { method: 'DELETE' }),
    404: () => oda.request(`/api/links/${noId}`, { method: 'DELETE' }),
  },
  markRead: {
    204: () => toAda(`/api/conversations/${direct}/read`, { seq: 1 }),
    404: () => toAda(`/api/conversations/${noId}/read`, { seq: 1 }),
    422: () => toAda(`/api/conversations/${direct}/read`, {}),
  },
  streamConversation: {
    200: streamForms.map((accept) => () => streamedConversation(accept)),
    404: () => toAda(stream(noId)),
    422: () => toAda(`${stream(direct)}?since=x`),
  },
  streamRoom: {
    200: streamForms.map((accept) => () => streamed(accept)),
    403: () => toClosed(room()),
    422: () => toAda(`${room()}?timeout=0`),
  },
  sendToRoom: {
    201: [
      () => toAda(room(), { body: 'x' }),
      () => toAda(room(), 'x', { headers: { 'content-type': 'text/plain' } }),
    ],
    200: () => twice(room()),
    403: () => toClosed(room(), { body: { body: 'x' } }),
    422: () => toAda(room(), {}),
  },
  leaveRoom: {
    204: async () => {
      const path = room()
      await toAda(path, { body: 'x' })
      return toAda(path, undefined, { method: 'DELETE' })
    },
    404: () => toAda(room(), undefined, { method: 'DELETE' }),
  },
  authorizeSocket: {
    200: [
      () => toAda('/api/realtime/auth', { socket_id: socketId() }),
      ...[`private-user`, 'presence-conversation'].map((kind) => () => {
        const channel_name = `${kind}-${kind === 'private-user' ? ada.id : direct}`
        return toAda('/api/realtime/auth', { socket_id: socketId(), channel_name })
      }),
    ],
    403: () => toAda('/api/realtime/auth', { socket_id: socketId(), channel_name: 'x' }),
    422: () => toAda('/api/realtime/auth', {}),
  },
  receiveWebhook: { 204: () => sendWebhook(), 401: () => sendWebhook('wrong') },
  checkHealth: {
    200: () => request('/api/health'),
    503: () => request('/api/health', { site: strict.url }),
  },
  readMetrics: {
    200: () => request('/api/metrics', { site: strict.url, token: metricsToken }),
    401: () => request('/api/metrics', { site: strict.url }),
    404: () => request('/api/metrics'),
  },
  readDescription: { 200: () => request('/api/openapi.json') },
  readDocumentation: { 200: () => request('/api/docs') },
}

/** A stream that shows a message, and a person who joins and leaves. */
async function streamed(accept: string): Promise<HttpResponse> {
  const path = room()
  await toAda(path, { body: 'two\nlines' })
  const answer = await openStream(`${path}?timeout=1`, accept)
  await bob.request(path, { body: { body: 'x' } })
  await bob.request(path, { method: 'DELETE' })
  return readWhole(answer)
}

const openStream = (path: string, accept: string) =>
  fetch(new URL(path, siteUrl()), { headers: { authorization: `Bearer ${ada.token}`, accept } })

const readWhole = async (answer: Response): Promise<HttpResponse> => ({
  status: answer.status,
  headers: answer.headers,
  text: await answer.text(),
  body: undefined,
})

/** A stream with messages and a change. */
async function streamedConversation(accept: string): Promise<HttpResponse> {
  const { seq } = (await toAda(messages(direct), { body: 'x' })).body
  await editMessage(ada, direct, seq, { body: 'edited' })
  for (const body of ['two', 'three', 'four']) await toAda(messages(direct), { body })
  return readWhole(await openStream(`${stream(direct)}?timeout=1&after=${seq}&since=0`, accept))
}

type Described = { path: string; method: string; operation: Operation }
const operations = (): Described[] =>
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path: path
        .replace('{id}', direct)
        .replace('{name}', `room-${unique()}`)
        .replace('{userId}', noId)
        .replace('{seq}', '1')
        .replace('{emoji}', encodeURIComponent('👍')),
      method: method.toUpperCase(),
      operation,
    })),
  )

/** The statuses that many calls have. */
function commonAttempts({ path, method, operation }: Described): Record<number, Attempt> {
  const [scheme] = operation.security.flatMap((one) => Object.keys(one))
  const token = scheme === 'token' ? ada.token : undefined
  const authorization = token && { authorization: `Bearer ${token}` }
  return {
    400: async () => {
      const answer = await rawRequest({
        method,
        path,
        headers: { ...authorization },
        body: Buffer.from([0xff]),
      })
      return { ...answer, body: JSON.parse(answer.text) }
    },
    401: () => request(path, { method }),
    413: () => request(path, { method, token, body: 'x'.repeat(2 ** 20 + 1) }),
    429: () => askAtLimits({ path, method, operation }, token),
  }
}

/** The allowances of the person or, before there is one, of the address. */
const allowances = () => [
  ...['me', 'export', 'search', 'invite', 'send', 'report', 'react', 'markRead', 'authorize', 'joinRoom'].map(
    (name) => `${name} person ${ada.id}`,
  ),
  ...['register', 'guest', 'logIn'].map((name) => `${name} address ${address}`),
  `makeLink person ${oda.id}`,
]

function useUp(keys: string[]) {
  const rows = keys.map((key) => ({ key, fullAt: sql`now() + interval '1 day'` }))
  return database().insert(limits).values(rows)
}

function askAtLimits({ path, method, operation }: Described, token?: string) {
  const bodies: Record<string, unknown> = {
    register: { username: `new-${unique()}`, password },
    logIn: { username: `no-${unique()}`, password },
    startSession: {},
    deleteAccount: { password, messages: 'keep' },
    invite: { username: bob.username },
    sendMessage: { body: 'x' },
    editMessage: { body: 'x' },
    sendToRoom: { body: 'x' },
    reportMessage: { reason: 'spam' },
    createGroup: { title: 'x', usernames: [bob.username] },
    renameGroup: { title: 'x' },
    inviteToGroup: { username: bob.username },
    setRole: { role: 'owner' },
    markRead: { seq: 1 },
    authorizeSocket: { socket_id: socketId() },
  }
  const body = bodies[operation.operationId]
  return request(path, { site: strict.url, method, token, body, headers: { 'x-forwarded-for': address } })
}

test('every call answers as described, with every status that is described', async () => {
  const check = checker()
  const faults: string[] = []
  for (const described of operations()) {
    const { operationId: id, responses } = described.operation
    const attempted = { ...commonAttempts(described), ...attempts[id] }
    for (const status in attempts[id]) assert.ok(status in responses, `${id} ${status} is described`)
    for (const status of Object.keys(responses).map(Number).filter(isAttempted(id)))
      for (const attempt of [attempted[status] ?? noAttempt].flat()) {
        const answer = await attempt()
        const fault = answer.status === status ? check(described, answer) : `answered ${answer.status}`
        if (fault) faults.push(`${id} ${status}: ${fault} ${answer.text.slice(0, 300)}`)
      }
  }
  assert.deepEqual(faults, [])
})

/** Not `default`; and 503, which takes seconds, only of one call below. */
const isAttempted = (id: string) => (status: number) => status > 0 && (status !== 503 || id === 'checkHealth')

const noAttempt: Attempt = async () => {
  throw new Error('A status is described that no attempt asks for: add one to `attempts`.')
}

test('a database that takes too long, a wrong method and an unknown path are answered as described', async () => {
  const check = checker()
  const me = operations().find(({ operation }) => operation.operationId === 'loadMe')
  assert.ok(me)
  const eve = await person()
  const slow = await whileSessionLocked(eve, () => eve.request('/api/me'))
  assert.equal(slow.status, 503)
  const [wrongMethod, unknown] = [await request('/api/me', { method: 'PUT' }), await request('/api/nothing')]
  assert.deepEqual([wrongMethod.status, unknown.status], [405, 404])
  for (const answer of [slow, wrongMethod, unknown]) assert.equal(check(me, answer), undefined)
})

test('the comparison notices another status, field, type, header and kind of content', async () => {
  const check = checker()
  const [me] = operations().filter(({ operation }) => operation.operationId === 'loadMe')
  assert.ok(me)
  const right = await toAda('/api/me')
  assert.equal(check(me, right), undefined)
  const { user, ...rest } = right.body
  const change = (body: object) => ({ ...right, body, text: JSON.stringify(body) })
  const wrong: HttpResponse[] = [
    change(rest),
    change({ ...right.body, more: 1 }),
    change({ ...rest, user: { ...user, passwordHash: 'x' } }),
    change({ ...rest, user: { ...user, lastSeenAt: 'yesterday' } }),
    { ...right, headers: new Headers({ 'content-type': 'text/html' }) },
    { ...right, status: 201 },
    { ...(await request('/api/me')), headers: new Headers({ 'content-type': 'application/problem+json' }) },
  ]
  for (const answer of wrong) assert.ok(check(me, answer), JSON.stringify(answer))
})

test('the commands of the documentation work in a shell', async () => {
  const [page, bobs] = [await request('/api/docs'), await person()]
  const first = firstCommands(new URL(siteUrl()).origin)
  const samples = operations().flatMap(({ operation }) => operation['x-codeSamples'] ?? [])
  assert.ok(samples.length > 15)
  for (const source of [first, ...samples.map(({ source }) => source)])
    assert.ok(page.text.includes(escapeHtml(source)), source)
  assert.match(await run(first), /guest-\w+: Good morning\n/)

  await rename(bobs.id, 'bob')
  const { inviter, path } = await invited()
  const ID = await conversationOf(inviter, bob)
  const { seq } = await say(inviter, ID)
  const other = await person()
  const variables = {
    PERSON: other.id,
    GROUP: await makeGroup(inviter, other),
    SITE: siteUrl(),
    TOKEN: inviter.token,
    ID,
    SEQ: String(seq),
    INVITATION: path.split('/').at(-1),
    LINK: (await oda.request('/api/links', { body: {} })).body.id,
    SOCKET: socketId(),
    METRICS_TOKEN: metricsToken,
  }
  for (const { operation } of operations().sort(inOrder)) {
    const { operationId: id, 'x-codeSamples': [sample] = [] } = operation
    const SITE = id === 'readMetrics' ? strict.url : variables.SITE
    // Only operators make links, and nobody reports an own message.
    const others: Record<string, string> = { Links: oda.token, Reports: bob.token }
    const TOKEN = others[operation.tags[0] ?? ''] ?? variables.TOKEN
    if (sample) await run(sample.source, { ...variables, SITE, TOKEN })
  }
  await rename(bobs.id, `bob-${unique()}`)
  await database().execute(sql`update users set username = ${`ada-${unique()}`} where username = 'ada'`)
})

const rename = (id: string, username: string) =>
  database().execute(sql`update users set username = ${username} where id = ${id}`)

const inOrder = (one: Described, other: Described) => rankOf(one) - rankOf(other)
/** These come last: what they remove is needed by the others. */
const rankOf = ({ operation }: Described) => ['deleteMessage', 'logOut'].indexOf(operation.operationId)

/** Runs commands; fails if any of them does, or if a call is answered with an error. */
async function run(script: string, variables = {}) {
  const strictly = `set -euo pipefail; curl() { command curl -sS --fail-with-body -m 20 "$@"; }\n${script}`
  const env = { ...process.env, ...variables }
  return (await promisify(execFile)('bash', ['-c', strictly], { env })).stdout
}

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#x27;')

/** @returns a function that says how an answer differs from its call's description, if it does */
function checker() {
  const ajv = new Ajv2020({ allowUnionTypes: true, allErrors: true })
  addFormats(ajv)
  ajv.addVocabulary(['openapi', 'info', 'servers', 'tags', 'paths', 'components'])
  ajv.addSchema(api, 'api')
  const fault = (schema: object, value: unknown) => {
    const validate = ajv.compile(
      JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')),
    )
    return validate(value) ? undefined : ajv.errorsText(validate.errors)
  }
  return ({ operation: { responses } }: Described, { status, headers, text }: HttpResponse) => {
    const response = responses[status] ?? (status >= 400 ? responses.default : undefined)
    if (!response) return 'the status is not described'
    for (const name of Object.keys(response.headers ?? {})) if (!headers.has(name)) return `no ${name}`
    const [type = ''] = (headers.get('content-type') ?? '').split(';')
    if (!response.content) return type || text ? 'there is a body' : undefined
    const content = response.content[type]
    if (!content) return `${type} is not described`
    const { schema, 'x-itemSchema': itemSchema } = content
    const faults = [fault(schema, type.endsWith('json') && !itemSchema ? JSON.parse(text) : text)]
    if (itemSchema) {
      const items = type === 'text/event-stream' ? eventsIn(text) : linesIn(text)
      if (items.length < 4) return 'too few items'
      faults.push(...items.map((item) => fault(itemSchema, item)))
    }
    return faults.find(Boolean)
  }
}

const linesIn = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** The events of a stream of server-sent events, without its comments. */
const eventsIn = (text: string): unknown[] =>
  text
    .split('\n\n')
    .filter((block) => block && !block.startsWith(':'))
    .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))))
    .map(({ data, ...event }) => ({ ...event, data: JSON.parse(data) }))
