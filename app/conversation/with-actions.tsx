import { lazy, type ReactNode, Suspense, useRef, useState } from 'react'
import type { MessageActionsProps } from './message-actions'

const MessageActions = lazy(() => import('./message-actions'))

/** Messages, and what can be done with them. Its script is loaded when one is first pointed at or focused. */
export function WithActions({
  children,
  ...props
}: Omit<MessageActionsProps, 'list'> & { children: ReactNode }) {
  const list = useRef<HTMLDivElement>(null)
  const [isUsed, setUsed] = useState(false)
  const use = () => setUsed(true)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only notices that something inside is used
    <div ref={list} onPointerOver={use} onFocus={use}>
      {children}
      {isUsed && (
        <Suspense>
          <MessageActions list={list} {...props} />
        </Suspense>
      )}
    </div>
  )
}
