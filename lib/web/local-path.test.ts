import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localPath } from './local-path'

const site = 'http://parley.example'

test('a path of this site is kept, with its query and hash', () => {
  const paths = [
    '/',
    '/c/1?before=2',
    '/people?q=%2F%2Fx',
    '/a//b',
    '/a/b//',
    '/@evil.example',
    '/:80',
    '/?//evil.example',
    '/#//evil.example',
    '/c/1?a=/..//b#message',
    '/%2f%2fevil.example',
    '/%5cevil.example',
  ]
  for (const path of paths) assert.equal(localPath(path), path)
})

test('a path is returned as a browser resolves it', () => {
  for (const [path, resolved] of [
    ['/é?q=ü', '/%C3%A9?q=%C3%BC'],
    ['/a/../b', '/b'],
    ['/./c/1', '/c/1'],
    ['/%2e%2E/c', '/c'],
    ['/a b', '/a%20b'],
    ['/\ud800', '/%EF%BF%BD'],
  ])
    assert.equal(localPath(path), resolved)
})

// A browser would go to `evil.example` with each of these.
const elsewhere = [
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/.//evil.example',
  '/././/evil.example',
  '/..//evil.example',
  '/../..//evil.example',
  '/a/..//evil.example',
  '/a/b/../..//evil.example',
  '/a/.././/evil.example',
  '/%2e//evil.example',
  '/%2E//evil.example',
  '/%2e%2e//evil.example',
  '/.%2e//evil.example',
  '/a/%2e.//evil.example',
  '/.///evil.example',
  '/.//evil.example/../x',
  '/.//user@evil.example:8080/?a#b',
  '/\\evil.example',
  '/.\\/evil.example',
  '/./\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  '/.\t//evil.example',
  '/.\n/\r/evil.example',
  '\t//evil.example',
  ' //evil.example',
  'https://evil.example',
  'HTTPS:evil.example',
  'http:/evil.example',
]

test('a path that leads to another site becomes the home page', () => {
  for (const path of elsewhere) assert.equal(localPath(path), '/', JSON.stringify(path))
})

test('a malformed path becomes the home page', () => {
  const texts = [
    'javascript:alert(1)',
    'data:text/html,x',
    '/a\\b',
    'c/1',
    '?q=1',
    '#x',
    '',
    ' /c',
    '/\0',
    '/\x85',
  ]
  for (const text of texts) assert.equal(localPath(text), '/', JSON.stringify(text))
})

test('a value that is not a string becomes the home page', () => {
  for (const value of [undefined, null, 7, true, ['/c'], ['/c', '//evil.example'], { path: '/c' }])
    assert.equal(localPath(value), '/')
})

test('the result stays on this site however often it is resolved', () => {
  const parts = [
    '/',
    '.',
    '..',
    '%2e',
    '%2f',
    '%5c',
    '\\',
    'a',
    '@',
    ':',
    '?',
    '#',
    '\t',
    ' ',
    'evil.example',
  ]
  for (const one of parts)
    for (const two of parts)
      for (const three of parts)
        for (const four of parts) {
          const path = localPath(`/${one}${two}${three}${four}/evil.example`)
          assert.equal(new URL(path, site).origin, site, path)
          assert.equal(localPath(path), path)
        }
})
