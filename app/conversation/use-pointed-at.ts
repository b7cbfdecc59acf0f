import { type RefObject, useEffect, useState } from 'react'

/** The `seq` of the message that an element belongs to. */
export const seqAt = (target: EventTarget | null) => {
  const item = target instanceof Element && target.closest<HTMLElement>('li[data-seq]')
  return item ? Number(item.dataset.seq) : undefined
}

/** The `seq` of the message under the mouse, otherwise of the focused one. */
export function usePointedAt(list: RefObject<HTMLElement | null>) {
  const [hovered, setHovered] = useState<number>()
  const [focused, setFocused] = useState<number>()
  useEffect(() => {
    const { current } = list
    if (!current) return
    // The events that loaded this script are over.
    setHovered(seqAt(current.querySelector('li[data-seq]:hover')))
    setFocused(seqAt(current.querySelector('li[data-seq]:focus-within')))
    const stop = new AbortController()
    const { signal } = stop
    const onPointer = ({ target, pointerType }: PointerEvent) =>
      setHovered(pointerType === 'mouse' ? seqAt(target) : undefined)
    current.addEventListener('pointerover', onPointer, { signal })
    current.addEventListener('pointerleave', () => setHovered(undefined), { signal })
    current.addEventListener('focusin', ({ target }) => setFocused(seqAt(target)), { signal })
    current.addEventListener('focusout', ({ relatedTarget }) => setFocused(seqAt(relatedTarget)), { signal })
    return () => stop.abort()
  }, [list])
  return hovered ?? focused
}
