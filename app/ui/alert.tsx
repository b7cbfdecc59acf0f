import type { ReactNode } from 'react'

/** What is wrong, read out by screen readers at once. */
export const Alert = ({ children }: { children: ReactNode }) => (
  <p role="alert" className="text-danger">
    {children}
  </p>
)
