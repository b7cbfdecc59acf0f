import type { ReactNode } from 'react'
import { Title } from './title'

type PageProps = {
  title: string
  /** The text of the browser's tab, if it is not the title. The site's name follows it. */
  tab?: string
  /** For a page with columns. Text is easier to read in a narrow one. */
  isWide?: boolean
  children: ReactNode
}

/** The content of a signed-in page that is not a conversation: a heading and a column. */
export function Page({ title, tab = title, isWide, children }: PageProps) {
  return (
    <div className={`mx-auto grid gap-8 p-4 md:p-8 ${isWide ? 'max-w-4xl' : 'max-w-[68ch]'}`}>
      <Title>{tab}</Title>
      <h1>{title}</h1>
      {children}
    </div>
  )
}
