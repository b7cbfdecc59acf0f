import 'server-only'
import { encode } from 'uqr'

/** A QR code as an SVG path: a rectangle for each run of dark modules. `size` is its width and height in modules. */
export type QrCode = { size: number; path: string }

export function qrCodeOf(text: string): QrCode {
  // Readers need four light modules around it.
  const { size, data } = encode(text, { border: 4 })
  const rows = data.map((row) => row.map(Number).join(''))
  const runs = rows.flatMap((row, y) =>
    [...row.matchAll(/1+/g)].map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`),
  )
  return { size, path: runs.join('') }
}
