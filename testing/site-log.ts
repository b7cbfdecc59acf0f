import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from './eventually'

export const readSiteLog = (dataDir: string) => readFileSync(join(dataDir, 'logs/site.log'), 'utf8')

/** Resolves with the log's entry for a request, which is written when its response has ended. */
export async function loggedRequest(dataDir: string, requestId: string, timeoutMs?: number) {
  const find = () =>
    readSiteLog(dataDir)
      .split('\n')
      .find((line) => line.includes(`"id":"${requestId}"`))
  return JSON.parse(await eventually(find, timeoutMs))
}
