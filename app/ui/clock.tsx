const forms = {
  day: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  shortDay: { day: 'numeric', month: 'short' },
  clock: { hour: '2-digit', minute: '2-digit' },
  full: { dateStyle: 'full', timeStyle: 'long' },
  // Year, month, day: as good as any other to tell days apart.
  key: { year: 'numeric', month: '2-digit', day: '2-digit' },
} satisfies Record<string, Intl.DateTimeFormatOptions>

const formats = new Map<string, Intl.DateTimeFormat>()

/** A time in words, in `zone`; in UTC without one. Formats are kept: to make one takes a hundred times as long as to use it. */
export function formatTime(time: string | number, zone: string | undefined, form: keyof typeof forms) {
  const key = `${form} ${zone}`
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(zone ? undefined : 'en-GB', { timeZone: zone ?? 'UTC', ...forms[form] })
  formats.set(key, format)
  return format.format(new Date(time))
}

/** The calendar day of a time: equal texts are the same day. */
export const dayOf = (time: string | number, zone: string | undefined) => formatTime(time, zone, 'key')

type ClockProps = {
  at: string
  /** The reader's time zone; UTC, and marked so, without one. */
  zone?: string
  /** Whether the time was today; otherwise it is the day that matters. */
  isToday?: boolean
}

/** A short time, with the full one behind it. */
export const Clock = ({ at, zone, isToday = true }: ClockProps) => (
  <time dateTime={at} title={formatTime(at, zone, 'full')}>
    {formatTime(at, zone, isToday ? 'clock' : 'shortDay')}
    {isToday && !zone && ' UTC'}
  </time>
)
