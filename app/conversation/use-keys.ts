import { type RefObject, useEffect } from 'react'

/** The right and left arrow keys move the focus among a message and what is in it, which are no tab stops. */
export function useKeys(list: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const { current } = list
    if (!current) return
    const stop = new AbortController()
    current.addEventListener('keydown', onKey, { signal: stop.signal })
    return () => stop.abort()
  }, [list])
}

function onKey(event: KeyboardEvent) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  const { target } = event
  if (!step || !(target instanceof HTMLElement) || target.closest('textarea, input, dialog')) return
  const item = target.closest<HTMLElement>('li[data-seq]')
  if (!item) return
  const inside = [...item.querySelectorAll<HTMLElement>('a[href], button')].filter(isShown)
  const stops = [item, ...inside]
  const next = stops[stops.indexOf(target) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}

const isShown = (element: HTMLElement) => element.offsetParent !== null && !element.closest('.sr-only')
