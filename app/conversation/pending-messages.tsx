import type { Pending } from '@/app/browser/outbox'

type PendingMessagesProps = {
  pending: Pending[]
  /** Whether they stand at the right. */
  isAside: boolean
  tryAgain: () => void
  /** Puts a refused text back into the composer. */
  edit: (nonce: string) => void
  discard: (nonce: string) => void
}

/** Messages that are not stored yet: being sent, waiting, or refused. */
export function PendingMessages({ pending, isAside, tryAgain, edit, discard }: PendingMessagesProps) {
  const last = pending.findLast((message) => stateOf(message) === 'waiting')
  return pending.map((message, index) => {
    const { nonce, body, refusal, holdUp } = message
    const state = stateOf(message)
    return (
      <li
        key={nonce}
        className={`appear flex px-4 ${index ? 'pt-1' : 'pt-3'} ${isAside ? 'justify-end' : 'pl-14'}`}
      >
        <div
          className={`grid max-w-[min(68ch,85%)] ${isAside ? 'justify-items-end' : 'justify-items-start'}`}
        >
          <div className={`rounded-2xl border px-3 py-1.5 whitespace-pre-wrap ${looks[state]}`}>{body}</div>
          {state === 'sending' && <span className="sr-only">Sending</span>}
          {state === 'waiting' && (
            <p className={`text-muted ${line} ${isAside ? 'justify-end' : ''}`}>
              Waiting to be sent{holdUp && `: ${holdUp}`}
              {message === last && !holdUp && <TextButton onClick={tryAgain}>Try again</TextButton>}
            </p>
          )}
          {state === 'refused' && (
            <div role="alert" className={`${line} ${isAside ? 'justify-end text-right' : ''}`}>
              <span className="text-danger">Not sent: {refusal}</span>
              <TextButton onClick={() => edit(nonce)}>Edit</TextButton>
              <TextButton onClick={() => discard(nonce)}>Discard</TextButton>
            </div>
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

const unsent = 'border-control border-dashed'
const looks = { sending: 'bg-own border-transparent opacity-60', waiting: unsent, refused: unsent }
const line = 'flex flex-wrap items-center gap-x-3 text-sm'

const TextButton = ({ onClick, children }: { onClick: () => void; children: string }) => (
  <button
    type="button"
    className="link inline-flex min-h-11 min-w-11 cursor-pointer items-center justify-center md:min-h-7 md:min-w-0"
    onClick={onClick}
  >
    {children}
  </button>
)
