import type { ReactNode } from 'react'
import { Title } from './title'

type PageProps = {
  title: string
  /** What the browser's tab says in place of the title. */
  tab?: string
  children: ReactNode
}

/** The inside of a signed-in page that is not a conversation: a heading and a readable column. */
export function Page({ title, tab = title, children }: PageProps) {
  return (
    <div className="mx-auto grid max-w-[68ch] gap-8 p-4 md:p-8">
      <Title>{tab}</Title>
      <h1>{title}</h1>
      {children}
    </div>
  )
}
