import assert from 'node:assert/strict'
import { cookieOf } from '@/testing/cookies'
import { boundary, multipart, type PageForm, readForms } from '@/testing/forms'
import { type RawRequest, rawRequest, siteUrl } from '@/testing/http'
import { type TestPerson, withSession } from '@/testing/people'
import { isForSignedOut } from './scene'
import { invalidUtf8, texts, twoMegabytes } from './values'

/** The forms of these pages, one for each action, with the path of its page, as the person sees them. */
export async function formsOf(person: TestPerson, paths: string[]) {
  const found = new Map<string, PageForm & { path: string; isPublic: boolean }>()
  for (const path of paths) {
    const isPublic = isForSignedOut(path)
    const headers: Record<string, string> = isPublic ? {} : { cookie: await cookieOf(person) }
    const { status, text } = await rawRequest({ method: 'GET', path, headers })
    assert.equal(status, 200, path)
    for (const form of readForms(text))
      if (!found.has(form.actionId)) found.set(form.actionId, { ...form, path, isPublic })
  }
  return [...found.values()]
}

type FormOfPage = Awaited<ReturnType<typeof formsOf>>[number]

/** Hostile posts of a form by this person. */
export async function hostilePosts(person: TestPerson, { path, isPublic, actionId, fields }: FormOfPage) {
  const { origin } = new URL(siteUrl())
  // One of the forms logs out, so each form has its own login session.
  const cookie = isPublic ? '' : await cookieOf(await withSession(person))
  const post = (body: string | Buffer, headers: Record<string, string>): RawRequest => ({
    method: 'POST',
    path,
    headers: { origin, ...(cookie && { cookie }), ...headers },
    body,
  })
  const form = (changed: Record<string, string | Buffer | undefined>, headers = {}) => {
    const { body, type } = multipart(Object.entries({ ...fields, ...changed }))
    return post(body, { 'content-type': type, ...headers })
  }
  const { body: goodBody, type: goodType } = multipart(Object.entries(fields))
  const action = (body: string | Buffer, type: string, headers = {}) =>
    post(body, { 'next-action': actionId, accept: 'text/x-component', 'content-type': type, ...headers })
  const own = Object.keys(fields)
  const visible = own.filter((name) => !name.startsWith('$ACTION'))
  const reacts = own.filter((name) => name.startsWith('$ACTION'))
  const unknownIds = ['0'.repeat(42), 'x', '', '__proto__', 'a b', 'f'.repeat(4000)]
  const scripted = (args: string, formFields: Record<string, string | Buffer> = { _1_username: 'ada' }) => {
    const { body, type } = multipart(Object.entries({ ...formFields, 0: args }))
    return action(body, type)
  }
  return [
    // From another site.
    ...['https://evil.example', 'null', 'x', '//', `${origin}.evil.example`].flatMap((other) => [
      form({}, { origin: other }),
      action('[{},"$K1"]', 'text/plain;charset=UTF-8', { origin: other }),
    ]),
    form({}, { host: 'evil.example' }),
    form({}, { 'x-forwarded-host': 'evil.example, ,' }),
    form({}, { referer: 'http://' }),
    // Hostile values of the form's own fields.
    ...visible.flatMap((name) => [
      ...texts.map((value) => form({ [name]: value })),
      form({ [name]: undefined }),
      form({ [name]: invalidUtf8 }),
      form({ [name]: 'x'.repeat(twoMegabytes) }),
    ]),
    form(Object.fromEntries(visible.map((name) => [name, undefined]))),
    form({ __proto__: 'x', constructor: 'y', 'a[b]': 'c' }),
    // Hostile values of React's fields.
    ...reacts.flatMap((name) =>
      [
        undefined,
        '',
        '{',
        '[]',
        'null',
        '"$F1"',
        '["$@9"]',
        '{"id":"x","bound":null}',
        '{"id":{},"bound":"$@1"}',
        '\0',
        'x'.repeat(100_000),
      ].map((value) => form({ [name]: value })),
    ),
    ...unknownIds.map((id) =>
      form(Object.fromEntries(reacts.map((name) => [name, fields[name]?.replaceAll(actionId, id)]))),
    ),
    ...unknownIds.map((id) => form({ [`$ACTION_ID_${id}`]: '' })),
    form({ $ACTION_REF_99: '', '$ACTION_99:0': '{"id":"x","bound":"$@1"}' }),
    // Bodies that are not a form.
    ...[
      'multipart/form-data',
      'multipart/form-data; boundary=',
      `multipart/form-data; boundary=other`,
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/json',
      '',
    ].map((type) => post(goodBody, { 'content-type': type })),
    ...['', '--', `--${boundary}--\r\n`, `--${boundary}\r\n\r\n`, '\0', invalidUtf8].map((body) =>
      post(body, { 'content-type': goodType }),
    ),
    post(new URLSearchParams(fields).toString(), { 'content-type': 'application/x-www-form-urlencoded' }),
    post('x'.repeat(twoMegabytes), { 'content-type': 'text/plain' }),
    // Bodies of React's script, good and hostile.
    ...unknownIds.slice(0, 5).map((id) => action('[]', 'text/plain;charset=UTF-8', { 'next-action': id })),
    ...[
      '',
      '[',
      '[]',
      'null',
      '{}',
      '7',
      '[null]',
      '["$K1"]',
      '["$Q1"]',
      '["$@1"]',
      '["$F1"]',
      '["$B1"]',
      '["$undefined"]',
      '["$1:__proto__:constructor"]',
      '[{"then":"$1:x"}]',
      '["$n99999999999999999999"]',
      '["$Dx"]',
      '["$Sx"]',
      `${'['.repeat(5000)}`,
      '\0',
    ].flatMap((body) => [action(body, 'text/plain;charset=UTF-8'), scripted(body)]),
    ...[
      '["$K1"]',
      '[{},"$K1"]',
      '[{},"$K2"]',
      '[[],[]]',
      '["x","y"]',
      '[{},{}]',
      '["", 1e400]',
      '[{},"$1"]',
      '[{},"$@1"]',
      '[{},"$W1"]',
      '[{},"$o1"]',
      '[{},"$T1"]',
      '[{},"$R1"]',
    ].flatMap((body) => [
      scripted(body),
      scripted(body, { 1: '"$1"' }),
      scripted(body, { 1: '"$0"', _1_x: invalidUtf8 }),
    ]),
    action(invalidUtf8, 'text/plain;charset=UTF-8'),
    action('[]', 'multipart/form-data'),
    action('x'.repeat(twoMegabytes), 'text/plain'),
    action(goodBody, 'application/x-www-form-urlencoded'),
  ]
}
