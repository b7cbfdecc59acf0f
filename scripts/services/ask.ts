import { get } from 'node:http'

/**
 * The status a server answers with, if it answers. Over a connection of its own, closed at once: one kept
 * open would hold up the server's end.
 */
export function ask(url: string, timeout: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout }, (response) => {
      resolve(response.statusCode)
      request.destroy()
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
  })
}
