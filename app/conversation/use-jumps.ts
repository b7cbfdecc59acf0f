import { type RefObject, useEffect } from 'react'

/** A click on a quote scrolls to the message, and tints it, if it is on the page. Otherwise its link is followed. */
export function useJumps(list: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const { current } = list
    if (!current) return
    const stop = new AbortController()
    current.addEventListener('click', onClick, { signal: stop.signal })
    return () => stop.abort()
  }, [list])
}

function onClick(event: MouseEvent) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || !(event.target instanceof Element)) return
  const link = event.target.closest<HTMLAnchorElement>('a[data-quote]')
  const place = link && document.getElementById(link.hash.slice(1))
  if (!place) return
  event.preventDefault()
  place.scrollIntoView({ block: 'center' })
  place.focus({ preventScroll: true })
  const colour = 'color-mix(in oklch, var(--color-accent) 18%, transparent)'
  place.animate({ backgroundColor: [colour, 'transparent'] }, { duration: 1000, easing: 'ease-out' })
}
