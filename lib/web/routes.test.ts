import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { routeOf, routes } from './routes'

/** The routes of the folders in `app`, without groups and catch-alls. */
const paths = readdirSync('app', { recursive: true, encoding: 'utf8' })
  .filter(
    (file) => /(^|\/)(page\.tsx|route\.ts)$/.test(file) && !file.includes('[...') && !file.includes('[[...'),
  )
  .map((file) => `/${file.replace(/\/?(page\.tsx|route\.ts)$/, '').replace(/\(\w+\)\/?/, '')}`)
  .map((path) => path.replace(/\[\w+\]/, ':id'))

test('the list has every page and API route, and no other', () => {
  assert.ok(paths.length > 20)
  assert.deepEqual([...routes].sort(), paths.sort())
})

test('paths that differ in a parameter have the same route', () => {
  assert.deepEqual(routeOf('/c/3f1c2b1e'), { route: '/c/:id', id: '3f1c2b1e' })
  assert.deepEqual(routeOf('/c/3f1c2b1e/live'), { route: '/c/:id/live', id: '3f1c2b1e' })
  assert.deepEqual(routeOf('/api/room/tea'), { route: '/api/room/:id', id: 'tea' })
  assert.equal(routeOf('/api/conversations/3f1c2b1e/messages').route, '/api/conversations/:id/messages')
  assert.equal(routeOf('/_next/static/chunks/a.js').route, '/_next')
  assert.equal(routeOf('/api/auth/session').route, '/api/auth')
  for (const path of ['/wp-login.php', '/c/1/2/3', '/c/', '', '*', '/api/nothing'])
    assert.equal(routeOf(path).route, 'other')
})
