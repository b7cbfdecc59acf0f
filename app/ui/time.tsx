'use client'

import { createContext, useContext, useSyncExternalStore } from 'react'
import { Clock, dayOf } from './clock'

const never = () => () => {}
let browserZone: string | undefined

/** The reader's time zone. Undefined until hydration, because only the browser knows it. */
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

/** When the server rendered the page, in ms since 1970. The browser's first render must show the same. */
export const RenderedAt = createContext(0)

/** Today, kept up to date on a page that stays open past midnight. */
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

/** The hour and minute of a time if it is today, otherwise its day. */
export function Time({ at }: { at: string }) {
  const zone = useTimeZone()
  const today = useToday(zone)
  return <Clock at={at} zone={zone} isToday={dayOf(at, zone) === today} />
}
