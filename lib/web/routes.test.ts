import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { routeOf, routes } from './routes'

/** The paths of the folders in `app`, without the groups' names and the catch-alls. */
const paths = readdirSync('app', { recursive: true, encoding: 'utf8' })
  .filter(
    (file) => /(^|\/)(page\.tsx|route\.ts)$/.test(file) && !file.includes('[...') && !file.includes('[[...'),
  )
  .map((file) => `/${file.replace(/\/?(page\.tsx|route\.ts)$/, '').replace(/\(\w+\)\/?/, '')}`)
  .map((path) => path.replaceAll(/\[(\w+)\]/g, (_, name) => (name === 'name' ? ':id' : `:${name}`)))

test('the routes are exactly the pages and calls in `app`', () => {
  assert.ok(paths.length > 20)
  assert.deepEqual([...routes].sort(), paths.sort())
})

test('paths that differ in their parameter alone have one route', () => {
  assert.deepEqual(routeOf('/c/3f1c2b1e'), { route: '/c/:id', parameters: { id: '3f1c2b1e' } })
  assert.deepEqual(routeOf('/c/3f1c2b1e/live'), { route: '/c/:id/live', parameters: { id: '3f1c2b1e' } })
  assert.deepEqual(routeOf('/api/room/tea'), { route: '/api/room/:id', parameters: { id: 'tea' } })
  assert.deepEqual(routeOf('/room/room/messages'), {
    route: '/room/:id/messages',
    parameters: { id: 'room' },
  })
  assert.equal(routeOf('/api/conversations/3f1c2b1e/messages').route, '/api/conversations/:id/messages')
  assert.equal(routeOf('/_next/static/chunks/a.js').route, '/_next')
  assert.equal(routeOf('/api/auth/session').route, '/api/auth')
  for (const path of ['/wp-login.php', '/c/1/2/3', '/c/', '', '*', '/api/nothing'])
    assert.equal(routeOf(path).route, 'other')
})
