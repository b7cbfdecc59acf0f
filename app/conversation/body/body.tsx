import type { ReactNode } from 'react'
import { type Part, parseBody } from '@/lib/formatting'

/** A message's text with clickable addresses and light formatting, as elements: nothing in it is ever markup. */
export const Body = ({ text }: { text: string }) => show(parseBody(text))

const show = (parts: Part[]): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
  parts.map((part, index) => (typeof part === 'string' ? part : <Formatted key={index} part={part} />))

function Formatted({ part }: { part: Exclude<Part, string> }) {
  switch (part.kind) {
    case 'bold':
      return <strong className="font-semibold">{show(part.parts)}</strong>
    case 'italic':
      return <em>{show(part.parts)}</em>
    case 'strike':
      return <del>{show(part.parts)}</del>
    case 'quote':
      return <blockquote className="border-control my-1 border-l-2 pl-2.5">{show(part.parts)}</blockquote>
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
      return part.text
  }
}
