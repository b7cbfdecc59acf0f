import { type ReactNode, useEffect, useRef } from 'react'

type DialogProps = { label: string; className: string; close: () => void; children: ReactNode }

/** A modal dialog, which Escape and a press outside close. */
export function Dialog({ label, className, close, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const { current } = dialog
    current?.showModal()
    // Gives the focus back.
    return () => current?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={close}
      onPointerDown={({ target, currentTarget }) => target === currentTarget && close()}
      className={`bg-raised text-ink appear backdrop:bg-ink/30 ${className}`}
    >
      {children}
    </dialog>
  )
}
