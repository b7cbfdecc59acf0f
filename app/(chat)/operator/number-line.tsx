type NumberLineProps = {
  label: string
  now: number
  /** Earlier days, the oldest first. */
  days: { day: string; number: number }[]
  isBytes: boolean
}

const dayMs = 86_400_000
const shownDays = 90

/** A number, and a line of how it changed in the last 90 days. */
export function NumberLine({ label, now, days, isBytes }: NumberLineProps) {
  const format = isBytes ? inMegabytes : (number: number) => number.toLocaleString('en')
  const [first] = days
  return (
    <div className="border-line grid content-start gap-1 rounded-lg border p-3">
      <dt className="text-muted text-sm">{label}</dt>
      <dd className="grid gap-2">
        <span className="text-xl">{format(now)}</span>
        {first && (
          <svg
            role="img"
            aria-label={`${format(first.number)} on ${first.day}, ${format(now)} now`}
            viewBox="0 0 90 24"
            preserveAspectRatio="none"
            className="text-accent h-8 w-full overflow-visible"
          >
            <polyline
              points={pointsOf(days, now)}
              fill="none"
              stroke="currentColor"
              strokeWidth="1.5"
              vectorEffect="non-scaling-stroke"
            />
          </svg>
        )}
      </dd>
    </div>
  )
}

const inMegabytes = (bytes: number) =>
  `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: bytes < 1e8 ? 1 : 0 })} MB`

/** Today is at the right edge. The lowest number is at the bottom, and the highest at the top. */
function pointsOf(days: NumberLineProps['days'], now: number) {
  const today = Math.floor(Date.now() / dayMs)
  const points = [
    ...days.map(({ day, number }) => ({ ago: today - Date.parse(day) / dayMs, number })),
    { ago: 0, number: now },
  ].filter(({ ago }) => ago <= shownDays)
  const all = points.map(({ number }) => number)
  const lowest = Math.min(...all)
  const range = Math.max(...all) - lowest || 1
  return points
    .map(({ ago, number }) => `${shownDays - ago},${(23 - (22 * (number - lowest)) / range).toFixed(1)}`)
    .join(' ')
}
