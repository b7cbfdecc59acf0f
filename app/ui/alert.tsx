import type { ReactNode } from 'react'

/** An error, which screen readers read out at once. */
export const Alert = ({ children }: { children: ReactNode }) => (
  <p role="alert" className="text-danger">
    {children}
  </p>
)
