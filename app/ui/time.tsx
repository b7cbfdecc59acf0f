'use client'

import { createContext, useContext, useSyncExternalStore } from 'react'
import { Clock, dayOf } from './clock'

const never = () => () => {}
let browserZone: string | undefined

/** The reader's own time zone; nothing until JavaScript has asked the browser. */
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

/** When the server rendered the page, in ms since 1970: what the browser's first render must agree with. */
export const RenderedAt = createContext(0)

/** The present day, also on a page that stays open past midnight. */
function useToday(zone: string | undefined) {
  const renderedAt = useContext(RenderedAt)
  return useSyncExternalStore(
    everyMinute,
    () => dayOf(Date.now(), zone),
    () => dayOf(renderedAt, zone),
  )
}

function everyMinute(listener: () => void) {
  const timer = setInterval(listener, 60_000)
  return () => clearInterval(timer)
}

/** The hour and minute of a time today, or the day of another one. */
export function Time({ at }: { at: string }) {
  const zone = useTimeZone()
  const today = useToday(zone)
  return <Clock at={at} zone={zone} isToday={dayOf(at, zone) === today} />
}
