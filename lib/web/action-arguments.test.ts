import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { isActionCall, isActionForm, isPlainCall } from './action-arguments'

// React's own code, as Next.js bundles it: an upgrade that changes the format fails here.
const require = createRequire(import.meta.url)
const react = 'next/dist/compiled/react-server-dom-turbopack'
const { encodeReply } = require(`${react}/client.node`)
const { decodeAction, decodeReply } = require(`${react}/server.node`)

const formOf = (fields: Record<string, string>) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return form
}
const state = { values: { body: '$1 and $$' }, list: [null, true, 1.5] }

test('a script’s call with a form is what React’s client sends, and what its server reads', async () => {
  const sent: FormData = await encodeReply([
    { ...state, alert: undefined },
    formOf({ body: 'hello', $odd: '$K9' }),
  ])
  assert.equal(
    sent.get('0'),
    JSON.stringify([{ values: { body: '$$1 and $$' }, list: state.list, alert: '$undefined' }, '$K1']),
  )
  assert.equal(sent.get('_1_body'), 'hello')
  assert.ok(isActionCall(sent))
  const [read, form] = await decodeReply(sent, {})
  assert.deepEqual(read, state)
  assert.equal(form.get('body'), 'hello')
})

test('a script’s call without a form is one list as JSON', async () => {
  for (const list of [[], [state], ['$', '$K1', '$@1']]) {
    const sent = await encodeReply(list)
    assert.equal(typeof sent, 'string')
    assert.ok(isPlainCall(sent), sent)
    assert.deepEqual(await decodeReply(sent, {}), list)
  }
})

test('a form names its action as React’s server expects', async () => {
  const act = (...given: unknown[]) => given
  Object.assign(globalThis, { __next_require__: () => ({ act }) })
  const actions = { 'x#act': { id: 'x', name: 'act', chunks: [] } }
  const withArguments = formOf({
    $ACTION_REF_1: '',
    '$ACTION_1:0': '{"id":"x#act","bound":"$@1"}',
    '$ACTION_1:1': '[{"body":"$$1"}]',
    $ACTION_KEY: 'k',
    body: 'hello',
  })
  assert.ok(isActionForm(withArguments))
  const [bound, form] = (await decodeAction(withArguments, actions))()
  assert.deepEqual([bound, [...form]], [{ body: '$1' }, [['body', 'hello']]])

  const byId = formOf({ '$ACTION_ID_x#act': '', body: 'hello' })
  assert.ok(isActionForm(byId))
  const [only] = (await decodeAction(byId, actions))()
  assert.deepEqual([...only], [['body', 'hello']])
})

test('strings with a meaning of their own are refused, whatever React makes of them', () => {
  for (let code = 0x20; code < 0x7f; code++) {
    const text = `$${String.fromCharCode(code)}1`
    const isText = text === '$$1'
    assert.equal(isPlainCall(JSON.stringify([text])), isText, text)
    const isForm = text === '$K1' || text === '$@1'
    assert.equal(isActionCall(formOf({ 0: JSON.stringify([{ text: [text] }]) })), isText || isForm, text)
  }
})

test('arguments that are missing, not JSON or not a list are refused', () => {
  for (const body of ['', '{', '{}', 'null', '"$K1"']) {
    assert.ok(!isPlainCall(body), body)
    assert.ok(!isActionCall(formOf({ 0: body })), body)
    assert.ok(!isActionForm(formOf({ $ACTION_REF_1: '', '$ACTION_1:1': body })), body)
  }
  assert.ok(!isActionCall(formOf({ body: 'hello' })))
  assert.ok(!isActionForm(formOf({ body: 'hello' })))
  assert.ok(!isActionForm(formOf({ $ACTION_REF_1: '', '$ACTION_2:1': '[]' })))
})
