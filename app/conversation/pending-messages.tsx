import { type ReactNode, useState } from 'react'
import type { Pending } from '@/app/browser/outbox'
import { Body } from './body/body'
import MessageEditor from './message-editor'

type PendingMessagesProps = {
  /** Messages, and refused changes of messages. */
  pending: Pending[]
  /** Whether they stand at the right. */
  isAside: boolean
  tryAgain: () => void
  /** Puts a refused message back into the composer. */
  edit: (nonce: string) => void
  /** Replaces the text of a waiting message or of a refused edit. */
  save: (entry: Pending, text: string) => void
  discard: (nonce: string) => void
}

/** Messages that are not stored yet: being sent, waiting, or refused. And changes that were refused. */
export function PendingMessages({ pending, isAside, tryAgain, edit, save, discard }: PendingMessagesProps) {
  const [edited, setEdited] = useState<Pending>()
  const last = pending.findLast((entry) => stateOf(entry) === 'waiting')
  const isGone = edited && !pending.some(({ nonce }) => nonce === edited.nonce)
  // A message that is stored while its text is edited keeps its editor.
  return [...pending, ...(isGone ? [edited] : [])].map((entry, index) => {
    const { nonce, refusal, holdUp, change } = entry
    const state = stateOf(entry)
    const text = textOf(entry)
    const editInPlace = () => setEdited(entry)
    return (
      <li
        key={nonce}
        className={`appear flex px-4 ${index ? 'pt-1' : 'pt-3'} ${isAside ? 'justify-end' : 'pl-14'}`}
      >
        <div
          className={`grid max-w-[min(68ch,85%)] min-w-0 grid-cols-[minmax(0,auto)] ${isAside ? 'justify-items-end' : 'justify-items-start'}`}
        >
          {edited?.nonce === nonce ? (
            <MessageEditor
              text={text}
              save={(text) => {
                save(entry, text)
                setEdited(undefined)
              }}
              cancel={() => setEdited(undefined)}
            />
          ) : (
            <>
              {text && (
                <div
                  className={`max-w-full rounded-2xl border px-3 py-1.5 whitespace-pre-wrap ${looks[state]}`}
                >
                  <Body text={text} />
                </div>
              )}
              {state === 'sending' && <span className="sr-only">Sending</span>}
              {state === 'waiting' && (
                <p className={`text-muted ${line} ${isAside ? 'justify-end' : ''}`}>
                  Waiting to be sent{holdUp && `: ${holdUp}`}
                  {entry === last && !holdUp && <TextButton onClick={tryAgain}>Try again</TextButton>}
                  <TextButton onClick={editInPlace}>Edit</TextButton>
                  <TextButton onClick={() => discard(nonce)}>Delete</TextButton>
                </p>
              )}
              {state === 'refused' && (
                <div role="alert" className={`${line} ${isAside ? 'justify-end text-right' : ''}`}>
                  <span className="text-danger">
                    {failures[change?.what ?? 'send']}: {refusal}
                  </span>
                  {change && <Permalink of={entry} seq={change.seq} />}
                  {!change && <TextButton onClick={() => edit(nonce)}>Edit</TextButton>}
                  {change?.what === 'edit' && <TextButton onClick={editInPlace}>Edit</TextButton>}
                  <TextButton onClick={() => discard(nonce)}>Discard</TextButton>
                </div>
              )}
            </>
          )}
        </div>
      </li>
    )
  })
}

function stateOf({ refusal, holdUp }: Pending) {
  if (refusal !== undefined) return 'refused'
  return holdUp === undefined ? 'sending' : 'waiting'
}

function textOf({ body, change }: Pending) {
  if (change?.what === 'edit') return change.body
  return change?.what === 'react' ? change.emoji : body
}

const failures = {
  send: 'Not sent',
  edit: 'Not edited',
  delete: 'Message not deleted',
  react: 'Reaction not changed',
}

const unsent = 'border-control border-dashed'
const looks = { sending: 'bg-own border-transparent opacity-60', waiting: unsent, refused: unsent }
const line = 'flex flex-wrap items-center gap-x-3 text-sm'
const link =
  'link inline-flex min-h-11 min-w-11 cursor-pointer items-center justify-center md:min-h-7 md:min-w-0'

const TextButton = ({ onClick, children }: { onClick: () => void; children: ReactNode }) => (
  <button type="button" className={link} onClick={onClick}>
    {children}
  </button>
)

const Permalink = ({ of: { path }, seq }: { of: Pending; seq: number }) => (
  <a href={`${path}?at=${seq}#m${seq}`} className={link}>
    Show message
  </a>
)
