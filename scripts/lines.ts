/**
 * The lines of a text in chunks. Only a line feed ends a line, unlike in `readline`, because JSON may contain U+2028.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  rest += decoder.decode()
  if (rest) yield rest
}
