import type { ReactNode } from 'react'
import { type Part, parseBody } from '@/lib/formatting'

type Names = {
  /** The names in the text that are mentions, separated by spaces. */
  mentioned?: string
  /** The reader's name, if the message mentions them. */
  ownName?: string
}

/** A message's text with clickable addresses and light formatting, as elements: nothing in it is ever markup. */
export const Body = ({ text, ...names }: { text: string } & Names) => show(parseBody(text), names)

const show = (parts: Part[], names: Names): ReactNode =>
  parts.map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
    typeof part === 'string' ? part : <Formatted key={index} part={part} names={names} />,
  )

function Formatted({ part, names }: { part: Exclude<Part, string>; names: Names }) {
  switch (part.kind) {
    case 'bold':
      return <strong className="font-semibold">{show(part.parts, names)}</strong>
    case 'italic':
      return <em>{show(part.parts, names)}</em>
    case 'strike':
      return <del>{show(part.parts, names)}</del>
    case 'quote':
      return (
        <blockquote className="border-control my-1 border-l-2 pl-2.5">{show(part.parts, names)}</blockquote>
      )
    case 'code':
      return <code className="bg-ink/7 rounded px-1 text-sm">{part.text}</code>
    case 'block':
      return (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the arrow keys
          tabIndex={0}
          className="bg-ink/7 my-1 overflow-x-auto rounded-lg px-2.5 py-1.5 text-sm"
        >
          <code>{part.text}</code>
        </pre>
      )
    case 'address':
      return (
        <a href={part.text} rel="noopener noreferrer nofollow" target="_blank" className="link">
          {part.text}
        </a>
      )
    case 'mention':
      return <Mention text={part.text} {...names} />
  }
}

function Mention({ text, mentioned, ownName }: { text: string } & Names) {
  const name = text.slice(1).toLowerCase()
  if (!mentioned?.split(' ').includes(name)) return text
  if (name !== ownName) return <span className="text-accent font-semibold">{text}</span>
  return <mark className="bg-accent/20 text-ink rounded px-0.5 font-semibold">{text}</mark>
}
