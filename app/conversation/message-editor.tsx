import type { KeyboardEvent } from 'react'
import { isSendKey } from './composer'

type MessageEditorProps = { text: string; save: (text: string) => void; cancel: () => void }

/** Edits a message in its place. It is not loaded on demand, because the browser may be offline then. */
export default function MessageEditor({ text, save, cancel }: MessageEditorProps) {
  return (
    <form
      className="grid gap-1"
      onSubmit={(event) => {
        event.preventDefault()
        const body = String(new FormData(event.currentTarget).get('body'))
        if (body.trim()) save(body)
      }}
    >
      <textarea
        name="body"
        aria-label="Edit message"
        // biome-ignore lint/a11y/noAutofocus: the person has just pressed “Edit”
        autoFocus
        onFocus={({ currentTarget }) => currentTarget.setSelectionRange(text.length, text.length)}
        rows={1}
        defaultValue={text}
        onKeyDown={(event) => onKey(event, cancel)}
        className="input field-sizing-content max-h-[calc(8lh+1rem)] min-w-[min(20rem,70vw)] resize-none"
      />
      <div className="flex gap-2">
        <button type="submit" className="button button-primary">
          Save
        </button>
        <button type="button" className="button" onClick={cancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}

function onKey(event: KeyboardEvent<HTMLTextAreaElement>, cancel: () => void) {
  if (event.key === 'Escape') cancel()
  if (!isSendKey(event)) return
  event.preventDefault()
  event.currentTarget.form?.requestSubmit()
}
