import 'server-only'
import { Transform } from 'node:stream'

/** Longer lines may be passed on in parts. */
const maxBytes = 256 * 1024

/** Passes each line on in one piece, so that outputs of several processes can be merged into one. */
export function wholeLines() {
  let rest: Buffer = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = Buffer.concat([rest, chunk])
      const end = text.lastIndexOf('\n') + 1 || (text.length > maxBytes ? text.length : 0)
      rest = text.subarray(end)
      done(null, text.subarray(0, end))
    },
    flush: (done) => done(null, rest.length ? Buffer.concat([rest, Buffer.from('\n')]) : undefined),
  })
}
