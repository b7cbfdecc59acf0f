import 'server-only'
import { Refusal } from '@/lib/errors'

/** The most that any request may carry; the longest message in any spelling takes far less. */
const maxBodyBytes = 1024 * 1024

/**
 * The body, read no further than it may be long.
 * @throws {Refusal} 413 for a longer one
 */
export async function readBytes(request: Request): Promise<Buffer<ArrayBuffer>> {
  const tooLong = new Refusal(413, 'That is too much at once: a request carries at most 1 MB.')
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLong
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > maxBodyBytes) throw tooLong
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * The body as text.
 * @throws {Refusal} 413 for one that is too long, 400 for one that is not UTF-8
 */
export async function readBody(request: Request): Promise<string> {
  const bytes = await readBytes(request)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal(400, 'The body is not UTF-8 text.')
  }
}
