import { type RefObject, useEffect } from 'react'
import { seqAt } from './use-pointed-at'

const pressMs = 500
/** A finger never stays at one point. */
const mostMovedPx = 10

/** Calls `onPress` with the `seq` of a message that is pressed for a while on a touch screen. */
export function useLongPress(list: RefObject<HTMLElement | null>, onPress: (seq: number) => void) {
  useEffect(() => {
    const { current } = list
    if (!current) return
    const stop = new AbortController()
    const { signal } = stop
    let timer: ReturnType<typeof setTimeout> | undefined
    let from = { x: 0, y: 0 }
    let isTouch = false
    const cancel = () => clearTimeout(timer)
    const onDown = ({ pointerType, target, x, y }: PointerEvent) => {
      cancel()
      isTouch = pointerType === 'touch'
      from = { x, y }
      const seq = isTouch ? seqAt(target) : undefined
      if (seq) timer = setTimeout(onPress, pressMs, seq)
    }
    const onMove = ({ x, y }: PointerEvent) => Math.hypot(x - from.x, y - from.y) > mostMovedPx && cancel()
    current.addEventListener('pointerdown', onDown, { signal })
    current.addEventListener('pointermove', onMove, { signal })
    for (const name of ['pointerup', 'pointercancel']) current.addEventListener(name, cancel, { signal })
    // Otherwise a long press would also select text or open the browser's menu.
    current.addEventListener('contextmenu', (event) => isTouch && event.preventDefault(), { signal })
    return () => {
      cancel()
      stop.abort()
    }
  }, [list, onPress])
}
