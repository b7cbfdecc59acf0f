import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localPath } from './local-path'

test('a path of this site is kept', () => {
  for (const path of ['/', '/c/1?before=2', '/people?q=%2F%2Fx', '/a//b', '/é'])
    assert.equal(localPath(path), path)
})

test('anything that could lead elsewhere becomes the home page', () => {
  const elsewhere = [
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/\n/evil.example',
    '/a\\b',
    'c/1',
    '',
    ' /c',
    '/\0',
  ]
  for (const path of elsewhere) assert.equal(localPath(path), '/', JSON.stringify(path))
})

test('what is no text is no path', () => {
  for (const value of [undefined, null, 7, ['/c'], { path: '/c' }]) assert.equal(localPath(value), '/')
})

test('no browser reads a kept path as another site', () => {
  for (const path of ['/', '/a//b', '/@evil.example', '/:80', '/?//evil.example', '/#//evil.example'])
    assert.equal(new URL(localPath(path), 'http://parley.example').host, 'parley.example')
})
