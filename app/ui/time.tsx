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

/** The calendar day of a time, in `zone` (UTC without one): equal texts are the same day. */
export const dayOf = (time: string | number, zone: string | undefined) =>
  new Date(time).toLocaleDateString('en-CA', { timeZone: zone ?? 'UTC' })

const format = (time: string, zone: string | undefined, options: Intl.DateTimeFormatOptions) =>
  new Date(time).toLocaleString(zone ? undefined : 'en-GB', { timeZone: zone ?? 'UTC', ...options })

export const longDay = (time: string, zone: string | undefined) =>
  format(time, zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

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
  const full = format(at, zone, { dateStyle: 'full', timeStyle: 'long' })
  const isToday = as === 'clock' || now === undefined || dayOf(at, zone) === dayOf(now, zone)
  const text = isToday
    ? format(at, zone, { hour: '2-digit', minute: '2-digit' })
    : format(at, zone, { day: 'numeric', month: 'short' })
  return (
    <time dateTime={at} title={full}>
      {text}
      {isToday && !zone && ' UTC'}
    </time>
  )
}
