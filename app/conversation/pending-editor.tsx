import { type KeyboardEvent, useState } from 'react'

type PendingEditorProps = { text: string; save: (text: string) => void; cancel: () => void }

/** Edits a text that is not stored yet. Loaded when it is needed. */
export default function PendingEditor({ text, save, cancel }: PendingEditorProps) {
  const [draft, setDraft] = useState(text)
  const saveText = () => draft.trim() && save(draft)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') cancel()
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    if (matchMedia('(pointer: coarse)').matches) return
    event.preventDefault()
    saveText()
  }
  return (
    <form
      className="grid gap-1"
      onSubmit={(event) => {
        event.preventDefault()
        saveText()
      }}
    >
      <textarea
        aria-label="Edit message"
        // biome-ignore lint/a11y/noAutofocus: the person has just pressed “Edit”
        autoFocus
        rows={1}
        value={draft}
        onChange={({ target }) => setDraft(target.value)}
        onKeyDown={onKeyDown}
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
