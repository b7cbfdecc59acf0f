import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before } from 'node:test'
import type { Parley } from '@/scripts/parley'
import { assertProblem, type HttpResponse, type RequestOptions, request } from '@/testing/http'
import { startOtherSite } from '@/testing/other-site'
import { password } from '@/testing/people'

// Functions that a test calls directly are limited as well.
process.env.PARLEY_LIMITS = 'on'

/** Starts sites with limits for a test file. They trust their proxy, so that each test has its own addresses. */
export function limitedSites(count: number) {
  const sites: Parley[] = []
  before(async () => {
    while (sites.length < count)
      sites.push(await startOtherSite({ PARLEY_LIMITS: 'on', TRUST_PROXY: 'true' }))
  })
  after(() => Promise.all(sites.map(({ stop }) => stop())))

  const url = (turn = 0) => sites[turn % count]?.url
  /** Sends a request from an address, to the sites in turn. */
  const from = (address: string, path: string, { headers, ...options }: RequestOptions = {}, turn = 0) =>
    request(path, { site: url(turn), ...options, headers: { 'x-forwarded-for': address, ...headers } })
  const logIn = (
    { username }: { username: string },
    address: string,
    { tried = password, turn = 0 }: { tried?: string; turn?: number } = {},
  ) => from(address, '/api/login', { body: { username, password: tried } }, turn)
  return { sites, url, from, logIn }
}

/** An IPv6 address in a network that no other test uses. */
export const newAddress = () =>
  `2001:db8:${randomInt(65536).toString(16)}:${randomInt(65536).toString(16)}::1`

export const withStatus = (responses: HttpResponse[], status: number) =>
  responses.filter((response) => response.status === status)

export function assertLimited(response: HttpResponse | undefined) {
  assert.ok(response, 'the limit is met')
  assertProblem(response, 429)
  assert.match(response.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  assert.match(response.body.detail, /^Too many [a-z ]+\. Try again in \d+ (second|seconds|minutes)\.$/)
}
