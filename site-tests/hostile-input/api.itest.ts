import { before, test } from 'node:test'
import { socketId, unique, unknownId } from '@/testing/people'
import { createScene, invitationTo, type Scene } from './scene'
import { isSuccessOrProblem, sendAll } from './send-all'
import { bodies, contentTypes, hostileHeaders, invalidUtf8, queries, segments, values } from './values'

let scene: Scene
before(async () => {
  scene = await createScene()
})

test('no value of a field makes an API call fail', async () => {
  const requests = calls().flatMap(({ path, id, method, fields }) =>
    Object.keys(fields).flatMap((name) =>
      [...values, undefined].map((value) => {
        const body = JSON.stringify({ ...fields, [name]: value })
        return { method, path: path(id), headers: headersFor(path), body }
      }),
    ),
  )
  await sendAll(requests, isSuccessOrProblem)
})

test('no body and no content type makes an API call fail', async () => {
  const requests = calls().flatMap(({ path, id, method, fields }) => {
    if (!takesBody(method)) return []
    const to = { method, path: path(id) }
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
  await sendAll(requests, isSuccessOrProblem)
})

test('no id, path or query makes an API call fail', async () => {
  const invitationId = await invitationTo(scene.ada)
  const requests = calls().flatMap(({ path, id, method, fields }) => {
    const body = takesBody(method) ? JSON.stringify(fields) : undefined
    const hostileIds =
      path('1') === path('2') ? [] : [...segments, scene.othersId, invitationId, scene.ada.id]
    return [
      ...hostileIds.map((hostileId) => ({ method, path: path(hostileId), headers: headersFor(path), body })),
      ...(method === 'GET'
        ? queries(['q', 'cursor', 'before', 'after', 'since', 'limit', 'timeout']).map((query) => ({
            method,
            path: path(id) + query,
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
  await sendAll([...requests, ...unknown])
})

test('no header makes an API call fail', async () => {
  const requests = hostileHeaders().flatMap((headers) =>
    ['/api/users', '/api/nothing'].map((path) => ({
      method: 'GET',
      path,
      headers: { authorization: `Bearer ${scene.ada.token}`, ...headers },
    })),
  )
  await sendAll(requests)
})

test("no request makes next-auth's own paths fail", async () => {
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
  const requests = [...paths, ...more].flatMap((path) =>
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
  await sendAll(requests)
})

type Call = {
  method: string
  path: (id: string) => string
  /** A good value for the path's parameter. */
  id: string
  fields: Record<string, unknown>
}

/** Every call of the API, with fields that are good or nearly so. */
function calls(): Call[] {
  const { ada, bob, conversationId, room, groupId } = scene
  const call = (method: string, path: string, fields = {}) => ({ method, path: () => path, id: '', fields })
  const about = (id: string, method: string, path: Call['path'], fields = {}) => ({
    method,
    path,
    id,
    fields,
  })
  const invitation = (id: string) => `/api/invitations/${id}`
  const messages = (id: string) => `/api/conversations/${id}/messages`
  const message = (seq: string) => `${messages(conversationId)}/${seq}`
  const messageIn = (id: string) => `${messages(id)}/1`
  const reportOf = (seq: string) => `${message(seq)}/report`
  const reportIn = (id: string) => `${messages(id)}/2/report`
  const read = (id: string) => `/api/conversations/${id}/read`
  const reactionIn = (id: string) => `${messages(id)}/1/reactions/x`
  const reactionTo = (seq: string) => `${messages(conversationId)}/${seq}/reactions/x`
  const reaction = (emoji: string) => `${messages(conversationId)}/1/reactions/${emoji}`
  const reactionPaths = [
    [conversationId, reactionIn],
    ['1', reactionTo],
    [encodeURIComponent('👍'), reaction],
  ] as const
  const stream = (id: string) => `/api/conversations/${id}/stream`
  const group = (id: string) => `/api/conversations/${id}`
  const groupInvitations = (id: string) => `${group(id)}/invitations`
  const memberOf = (id: string) => `${group(id)}/people/${bob.id}`
  const member = (id: string) => `${group(groupId)}/people/${id}`
  const roomPath = (name: string) => `/api/room/${name}`
  const badAccount = { username: 'a b', password: 'short' }
  return [
    call('POST', '/api/register', { ...badAccount, firstName: '', lastName: '', gender: 0, link: 'x' }),
    call('POST', '/api/login', { username: `nobody-${unique()}`, password: 'x' }),
    call('POST', '/api/logout', { token: 'x' }),
    call('POST', '/api/invitations', { username: ada.username, leave: true }),
    about(unknownId, 'POST', invitation, { answer: 'accept' }),
    about(conversationId, 'POST', messages, { body: 'hi', nonce: 'n' }),
    about('1', 'PATCH', message, { body: 'hi', version: 0 }),
    about(conversationId, 'PATCH', messageIn, { body: 'hi' }),
    about('1', 'DELETE', message),
    about(conversationId, 'DELETE', messageIn),
    about(conversationId, 'POST', read, { seq: 1 }),
    // Ada's own message, so that no report is made.
    about('1', 'POST', reportOf, { reason: 'spam', note: '', block: false }),
    about(conversationId, 'POST', reportIn, { reason: 'spam' }),
    ...reactionPaths.flatMap(([good, path]) => ['PUT', 'DELETE'].map((method) => about(good, method, path))),
    call('POST', '/api/groups', { title: 'x', usernames: [ada.username] }),
    about(groupId, 'PATCH', group, { title: 'Picnic' }),
    about(groupId, 'POST', groupInvitations, { username: ada.username }),
    // A conversation that is no group, and a person who is not in it, so that bob stays in the group.
    ...[memberOf, member].flatMap((path) => [
      about(path === member ? unknownId : conversationId, 'PATCH', path, { role: 'owner' }),
      about(path === member ? unknownId : conversationId, 'DELETE', path),
    ]),
    call('POST', '/api/links', { uses: 1, days: 1, into: 'me' }),
    call('GET', '/api/links'),
    about(unknownId, 'DELETE', (id) => `/api/links/${id}`),
    call('POST', '/api/realtime/auth', { socket_id: socketId(), channel_name: `private-user-${ada.id}` }),
    call('POST', '/api/realtime/webhook', { events: [], time_ms: 1 }),
    call('GET', '/api/me'),
    call('DELETE', '/api/me', { password: 'x', messages: 'keep' }),
    call('GET', '/api/export'),
    call('GET', '/api/users'),
    about(conversationId, 'GET', messages),
    about(conversationId, 'GET', stream),
    call('POST', '/api/session', badAccount),
    about(room, 'GET', roomPath),
    about(room, 'POST', roomPath, { body: 'hi', nonce: 'n' }),
    about(room, 'DELETE', roomPath),
    call('GET', '/api/health'),
  ]
}

const takesBody = (method: string) => method === 'POST' || method === 'PATCH'

const authorized = () => ({
  authorization: `Bearer ${scene.ada.token}`,
  'content-type': 'application/json',
})

/** The headers for a call. Logging out gets no token, which it would end. */
const headersFor = (path: Call['path']): Record<string, string> =>
  path('') === '/api/logout' ? { 'content-type': 'application/json' } : authorized()
