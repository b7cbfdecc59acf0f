import { type ComponentType, type ReactNode, useRef, useState } from 'react'
import type { MessageActionsProps } from './message-actions'

/** Messages, and what can be done with them. Its script is loaded when one is first pointed at or focused. */
export function WithActions({
  children,
  ...props
}: Omit<MessageActionsProps, 'list'> & { children: ReactNode }) {
  const list = useRef<HTMLDivElement>(null)
  const [MessageActions, setActions] = useState<ComponentType<MessageActionsProps>>()

  async function use() {
    if (MessageActions) return
    // Offline it cannot be loaded, and the next use tries again.
    const loaded = await import('./message-actions').catch(() => undefined)
    if (loaded) setActions(() => loaded.default)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only notices that something inside is used
    <div ref={list} onPointerOver={use} onFocus={use}>
      {children}
      {MessageActions && <MessageActions list={list} {...props} />}
    </div>
  )
}
