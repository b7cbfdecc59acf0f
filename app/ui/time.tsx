'use client'

import { useSyncExternalStore } from 'react'

const never = () => () => {}
let browserZone: string | undefined

/** The reader's own time zone; UTC, and marked so, until JavaScript has asked the browser. */
export function useTimeZone() {
  return useSyncExternalStore(
    never,
    () => {
      browserZone ??= Intl.DateTimeFormat().resolvedOptions().timeZone
      return browserZone
    },
    () => undefined,
  )
}

const forms = {
  day: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  shortDay: { day: 'numeric', month: 'short' },
  clock: { hour: '2-digit', minute: '2-digit' },
  full: { dateStyle: 'full', timeStyle: 'long' },
  // Year, month, day: as good as any other to tell days apart.
  key: { year: 'numeric', month: '2-digit', day: '2-digit' },
} satisfies Record<string, Intl.DateTimeFormatOptions>

const formats = new Map<string, Intl.DateTimeFormat>()

/** Kept, for making one takes a hundred times as long as using it. */
function formatOf(form: keyof typeof forms, zone: string | undefined) {
  const key = `${form} ${zone}`
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(zone ? undefined : 'en-GB', { timeZone: zone ?? 'UTC', ...forms[form] })
  formats.set(key, format)
  return format
}

const format = (time: string | number, zone: string | undefined, form: keyof typeof forms) =>
  formatOf(form, zone).format(new Date(time))

/** The calendar day of a time, in `zone` (UTC without one): equal texts are the same day. */
export const dayOf = (time: string | number, zone: string | undefined) => format(time, zone, 'key')

export const longDay = (time: string, zone: string | undefined) => format(time, zone, 'day')

type TimeProps = {
  at: string
  /** `clock` is the hour and minute; `short` names the day instead where it is not today. */
  as?: 'clock' | 'short'
  /** What counts as today, in ms since 1970: the server's time of rendering, so that both sides agree. */
  now?: number
}

/** A short time, with the full one behind it. */
export function Time({ at, as = 'clock', now }: TimeProps) {
  const zone = useTimeZone()
  const full = format(at, zone, 'full')
  const isToday = as === 'clock' || now === undefined || dayOf(at, zone) === dayOf(now, zone)
  const text = format(at, zone, isToday ? 'clock' : 'shortDay')
  return (
    <time dateTime={at} title={full}>
      {text}
      {isToday && !zone && ' UTC'}
    </time>
  )
}
