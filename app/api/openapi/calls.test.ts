import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { apiDocument } from './document'

/** The calls in `app/api`, as “GET /api/me”. The catch-alls answer unknown paths, and next-auth's own. */
function callsInSources() {
  const files = readdirSync('app/api', { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('/route.ts') && !file.includes('[...'))
    .flatMap((file) => {
      const path = `/api/${file.replace('/route.ts', '').replace(/\[(\w+)\]/g, '{$1}')}`
      const [, handlers = ''] = readFileSync(join('app/api', file), 'utf8').split(/\bapi\(\{/)
      return [...handlers.matchAll(/^ {0,2}(GET|POST|PUT|PATCH|DELETE):/gm)].map(
        ([, method]) => `${method} ${path}`,
      )
    })
}

const described = Object.entries(apiDocument().paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
)

test('every call is described, and nothing else', () => {
  assert.deepEqual(described.sort(), callsInSources().sort())
})

test('the description is a valid OpenAPI 3.1 document', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(apiDocument()))
  assert.ok(valid, JSON.stringify(errors, null, 2))
})

test('each call has its own id', () => {
  const ids = Object.values(apiDocument().paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  assert.equal(new Set(ids).size, ids.length)
})
