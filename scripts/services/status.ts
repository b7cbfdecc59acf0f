import { get } from 'node:http'

/**
 * The status of a server's answer, or undefined if it does not answer in time. The connection is closed at once,
 * because an idle one would delay the server's stop.
 */
export function statusOf(url: string, timeoutMs: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      resolve(response.statusCode)
      request.destroy()
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
  })
}
