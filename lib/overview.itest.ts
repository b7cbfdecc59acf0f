import assert from 'node:assert/strict'
import { test } from 'node:test'
import { people, person } from '@/testing/people'
import { loadPage } from './overview'

test('a page gets the statuses of the people it lists, and of at most 50', async () => {
  const ada = await person()
  const ids = (await people(...Array.from({ length: 51 }, () => 'bob'))).map(({ id }) => id)
  const statusesOf = async (list?: string) =>
    (await loadPage(ada, { people: list })).people.map(({ id }) => id)
  assert.deepEqual((await statusesOf(ids.join())).sort(), ids.slice(0, 50).sort())
  assert.deepEqual(await statusesOf(`x,${ids[50]},`), [ids[50]])
  for (const none of ['', undefined]) assert.deepEqual(await statusesOf(none), [])
})
