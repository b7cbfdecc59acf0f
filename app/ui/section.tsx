import type { ReactNode } from 'react'

type SectionProps = { title: string; className?: string; children: ReactNode }

/** A part of a page, under a heading of its own. */
export const Section = ({ title, className = '', children }: SectionProps) => (
  <section className={`grid grid-cols-[minmax(0,1fr)] content-start gap-3 ${className}`}>
    <h2 className="font-semibold">{title}</h2>
    {children}
  </section>
)
