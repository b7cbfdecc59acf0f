const forms = {
  day: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  shortDay: { day: 'numeric', month: 'short' },
  clock: { hour: '2-digit', minute: '2-digit' },
  full: { dateStyle: 'full', timeStyle: 'long' },
  // Only compared, never shown.
  key: { year: 'numeric', month: '2-digit', day: '2-digit' },
} satisfies Record<string, Intl.DateTimeFormatOptions>

const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * Formats a time in `zone`, or in UTC without one. Formats are cached: making one takes a hundred times as long as
 * using it.
 */
export function formatTime(time: string | number, zone: string | undefined, form: keyof typeof forms) {
  const key = `${form} ${zone}`
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(zone ? undefined : 'en-GB', { timeZone: zone ?? 'UTC', ...forms[form] })
  formats.set(key, format)
  return format.format(new Date(time))
}

/** The calendar day of a time, to be compared with others. */
export const dayOf = (time: string | number, zone: string | undefined) => formatTime(time, zone, 'key')

type ClockProps = {
  at: string
  /** The reader's time zone. Without one, the time is in UTC and says so. */
  zone?: string
  /** Whether the time is today. Otherwise the day is shown instead of the hour. */
  isToday?: boolean
}

/** A short time, with the full one as its title. */
export const Clock = ({ at, zone, isToday = true }: ClockProps) => (
  <time dateTime={at} title={formatTime(at, zone, 'full')}>
    {formatTime(at, zone, isToday ? 'clock' : 'shortDay')}
    {isToday && !zone && ' UTC'}
  </time>
)
