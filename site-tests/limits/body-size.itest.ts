import assert from 'node:assert/strict'
import { request as sendRequest } from 'node:http'
import { test } from 'node:test'
import { memoryOfTree } from '@/scripts/bench/processes'
import { request } from '@/testing/http'
import { limitedSites } from './limited-sites'

const { sites, url } = limitedSites(1)

const megabytes = 50
const chunk = Buffer.alloc(64 * 1024, 'a')
const form = 'multipart/form-data; boundary=x'

for (const [path, type] of [
  ['/login', form],
  ['/nothing', form],
  ['/_next/nothing', form],
  ['/api/login', 'application/json'],
  ['/api/auth/callback/credentials', 'application/x-www-form-urlencoded'],
  ['/api/auth/signout', form],
] as const)
  test(`a large body for ${path} is refused unread, with and without its length`, async () => {
    const before = memoryOfTree(sites[0]?.services.site?.pid)
    for (const length of [undefined, megabytes * 2 ** 20]) {
      const { status, sent } = await upload(path, type, length)
      assert.equal(status, 413)
      // Bytes in the system's buffers count as sent.
      assert.ok(sent < 20, `${sent} MB were sent`)
    }
    const grown = memoryOfTree(sites[0]?.services.site?.pid) - before
    assert.ok(!(grown > 30), `the site grew by ${grown} MB`)
  })

test('the site still works after the large bodies', async () => {
  assert.equal((await request('/api/health', { site: url() })).status, 200)
})

/** Uploads until the server ends it. @returns the status, and how many megabytes were sent */
function upload(path: string, type: string, length?: number) {
  return new Promise<{ status?: number; sent: number }>((resolve) => {
    let sent = 0
    let status: number | undefined
    const headers = { 'content-type': type, ...(length && { 'content-length': length }) }
    const sending = sendRequest(new URL(path, url()), { method: 'POST', agent: false, headers })
    sending.on('response', (response) => {
      status = response.statusCode
      response.on('error', () => {}).resume()
    })
    sending.on('error', () => {})
    sending.on('close', () => resolve({ status, sent: sent / 2 ** 20 }))
    const write = () => {
      while (sent < megabytes * 2 ** 20 && !sending.destroyed) {
        sent += chunk.length
        if (!sending.write(chunk)) return sending.once('drain', write)
      }
      sending.end()
    }
    write()
  })
}
