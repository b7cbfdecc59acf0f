import { unknownId } from '@/testing/people'

export const twoMegabytes = 2 * 2 ** 20
export const invalidUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22, 0x7d])

/** Values that no field expects. */
export const values: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  '',
  ' ',
  [],
  ['x'],
  {},
  { toString: 'x', length: -1 },
  { $ne: null },
  'a\0b',
  '\u001b[31m',
  '\r',
  '\ud800',
  'x\udc00',
  '\u202e\ufeff\uffff',
  "' or 1=1; --",
  '%_\\',
  '{{7*7}}<%= 7 %>',
  '__proto__',
  '../../etc/passwd',
  unknownId,
  'x'.repeat(100_000),
  '😀'.repeat(30_000),
]

/** Values for form fields, which hold only text. */
export const texts = ['', 'a\0b', '\ud800', '\r', '%_\\', '__proto__', '$K1', unknownId, '😀'.repeat(30_000)]

/** Bodies that are no JSON object of a call. */
export const bodies: (string | Buffer)[] = [
  '',
  ' ',
  '{',
  'null',
  'true',
  '7',
  '"text"',
  '[]',
  '[[[[',
  '{"__proto__":{"username":"x"},"constructor":{}}',
  '{"username":"a","username":{}}',
  '\ufeff{}',
  '\0',
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `{"a":"${'x'.repeat(100_000)}"}`,
  `{"username":"${'x'.repeat(twoMegabytes)}"}`,
  'username=ada&password=secret',
  '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nada\r\n--x--\r\n',
  '<?xml version="1.0"?><a/>',
  invalidUtf8,
  Buffer.alloc(3000, 0xff),
]

export const contentTypes = [
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/problem+json',
  ';;;',
  'x'.repeat(2000),
]

/** Values for a part of a path or query. */
export const segments = [
  '0',
  '-1',
  'x',
  '%00',
  '%0a',
  '%ff',
  '%ud800',
  '%E0%A4%A',
  '%',
  '%2e%2e%2f',
  '..',
  "'",
  '%22%3E%3Cscript%3E',
  unknownId,
  unknownId.toUpperCase(),
  `${unknownId}%00`,
  '[id]',
  'x'.repeat(5000),
  '%F0%9F%98%80'.repeat(300),
]

/** Queries with hostile values for these parameters. */
export const queries = (names: string[]) => [
  '?',
  '?&&==&%',
  '?__proto__=x&constructor=y',
  ...names.flatMap((name) => [
    `?${name}`,
    `?${name}=1&${name}=2`,
    `?${name}[]=1`,
    `?${name}[a]=1`,
    ...segments.map((segment) => `?${name}=${segment}`),
    `?${name}=//evil.example`,
    `?${name}=0:${'x'.repeat(3000)}`,
  ]),
]

/** Headers that a client may send. Next.js reads some of them. */
export const hostileHeaders = (): Record<string, string>[] => [
  ...['%', '[]', '["",{}]', '\u00ff', 'x'.repeat(4000)].flatMap((value): Record<string, string>[] => [
    { rsc: '1', 'next-router-state-tree': value },
    { rsc: value },
    { rsc: '1', 'next-url': value },
    { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': value },
    { 'x-nextjs-data': '1', 'x-matched-path': value },
    { 'x-forwarded-host': value },
    { 'x-forwarded-proto': value },
    { 'x-forwarded-for': value },
    { 'x-forwarded-port': value },
    { 'user-agent': value },
    { referer: value },
    { accept: value },
    { 'accept-language': value },
    { 'x-middleware-subrequest': value },
    { 'x-middleware-rewrite': value },
    { 'x-invoke-path': value, 'x-invoke-status': '500', 'x-invoke-error': value },
    { 'content-type': value },
    { 'next-action': value },
    { 'sec-fetch-dest': value },
    { 'sec-fetch-site': value },
    { 'x-request-id': value },
    { authorization: value },
    { authorization: `Bearer ${value}` },
  ]),
  ...['x', '', '127.0.0.1:x', '[', 'a b', '%00', '-', 'x'.repeat(4000)].map((host) => ({ host })),
  { 'if-none-match': '*', 'if-modified-since': 'x', range: 'bytes=9-1' },
]
