import { before, test } from 'node:test'
import { endLoginSession } from '@/lib/login-sessions'
import { cookieOf } from '@/testing/cookies'
import { siteUrl } from '@/testing/http'
import { person, unknownId } from '@/testing/people'
import { createScene, isForSignedOut, pagePaths, type Scene } from './scene'
import { isSuccessOrProblem, sendAll } from './send-all'
import { bodies, contentTypes, hostileHeaders, queries, segments, values } from './values'

let scene: Scene
before(async () => {
  scene = await createScene()
})

test('no path or query makes a page fail', async () => {
  const { ada, conversationId, othersId, room, groupId } = scene
  const cookie = await cookieOf(ada)
  const own: Record<string, string[]> = {
    '/people': ['q', 'cursor'],
    '/login': ['from'],
    '/register': ['from'],
    [`/c/${conversationId}`]: ['before', 'at', 'reply', 'draft'],
    [`/c/${conversationId}/m/2/edit`]: ['draft'],
    [`/c/${conversationId}/messages`]: ['before', 'after', 'limit'],
    [`/c/${conversationId}/live`]: ['after'],
    '/': ['conversations'],
    '/overview': ['open', 'people', 'cursor'],
    '/guest': ['from'],
    '/rooms': ['name'],
    [`/room/${room}`]: ['before', 'at', 'reply'],
    [`/room/${room}/live`]: ['after'],
  }
  const ids = [...segments, othersId, ada.id, conversationId.toUpperCase(), `${conversationId}/x`]
  const paths = [
    ...Object.entries(own).flatMap(([path, names]) => queries(names).map((query) => path + query)),
    ...ids.flatMap((id) => [`/c/${id}`, `/c/${id}/messages`, `/c/${id}/live`]),
    ...[...ids, groupId].map((id) => `/c/${id}/people`),
    ...ids.flatMap((id) => [`/room/${id}`, `/room/${id}/live`, `/join/${id}`, `/reset/${id}`]),
    ...segments.flatMap((segment) => [
      `/${segment}`,
      `/c/${conversationId}/m/${segment}`,
      `/room/${room}/m/${segment}/edit`,
    ]),
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
  await sendAll(
    // Signed-in people would be redirected from the signed-out pages.
    paths.map((path) => ({
      method: 'GET',
      path,
      headers: isForSignedOut(path) ? undefined : { cookie },
    })),
  )
})

test('no read report of a page makes the site fail', async () => {
  const { ada, conversationId, othersId } = scene
  const { origin } = new URL(siteUrl())
  const headers = { cookie: await cookieOf(ada), 'parley-user': ada.id, origin }
  const receipt = { conversationId, delivered: 1, read: 1 }
  const reports = [
    ...values.flatMap((value) => [
      { receipts: value },
      { receipts: [value] },
      ...Object.keys(receipt).map((name) => ({ receipts: [{ ...receipt, [name]: value }] })),
    ]),
    { receipts: [receipt, receipt, { conversationId: conversationId.toUpperCase(), read: 2 ** 53 - 1 }] },
    ...[othersId, unknownId].map((id) => ({ receipts: [{ ...receipt, conversationId: id }] })),
    { receipts: Array.from({ length: 10_000 }, () => receipt) },
  ].map((report) => JSON.stringify(report))
  const post = { method: 'POST', path: '/receipts' }
  await sendAll(
    [
      ...[...reports, ...bodies].map((body) => ({ ...post, headers, body })),
      ...contentTypes.map((type) => ({ ...post, headers: { ...headers, 'content-type': type }, body: '{}' })),
      ...['', unknownId, 'x'.repeat(5000)].map((reader) => ({
        ...post,
        headers: { ...headers, 'parley-user': reader },
        body: JSON.stringify({ receipts: [receipt] }),
      })),
    ],
    isSuccessOrProblem,
  )
})

test('no header and no method makes a page fail', async () => {
  const cookie = await cookieOf(scene.ada)
  const requests = pagePaths(scene).flatMap((path) => [
    ...['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].map((method) => ({
      method,
      path,
      headers: { cookie },
    })),
    ...(path === '/'
      ? hostileHeaders().map((headers) => ({ method: 'GET', path, headers: { cookie, ...headers } }))
      : []),
  ])
  await sendAll(requests)
})

test('no cookie makes a page fail', async () => {
  const eve = await person('eve')
  await endLoginSession(eve, eve.loginSessionId)
  const [good, ended] = await Promise.all([cookieOf(scene.ada), cookieOf(eve)])
  const cookies = [
    'parley.session=',
    'parley.session=x',
    'parley.session=a.b.c.d.e',
    `${good.slice(0, -5)}`,
    `parley.session.0=${good.slice(15, 60)}; parley.session.1=x`,
    await cookieOf({ id: unknownId, loginSessionId: unknownId }),
    ended,
    `${good}; ${good}`,
    '=; ;;; =x',
  ]
  await sendAll(
    pagePaths(scene).flatMap((path) =>
      cookies.map((cookie) => ({ method: 'GET', path, headers: { cookie } })),
    ),
  )
})
