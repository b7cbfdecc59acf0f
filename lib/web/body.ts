import 'server-only'
import { Refusal } from '@/lib/errors'

/** The most that any request may carry; the longest message in any spelling takes far less. */
export const maxBodyBytes = 1024 * 1024

/**
 * The body as text, read no further than it may be long.
 * @throws {Refusal} 413 for a longer one, 400 for one that is not UTF-8
 */
export async function readBody(request: Request): Promise<string> {
  const tooLong = new Refusal(413, `A request carries at most ${maxBodyBytes} bytes.`)
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLong
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > maxBodyBytes) throw tooLong
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new Refusal(400, 'The body is not UTF-8 text.')
  }
}
