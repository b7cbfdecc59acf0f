import { type RefObject, useEffect, useEffectEvent, useState } from 'react'
import { PersonName } from '@/app/ui/person-name'
import type { Person } from '@/lib/views'

type MentionListProps = {
  field: RefObject<HTMLTextAreaElement | null>
  /** The people to choose from. */
  people: Person[]
}

const listId = 'mention-list'
const optionId = ({ id }: Person) => `mention-${id}`

/**
 * The people whose names begin with what is typed after an `@`, to choose one with the keyboard or by pointing. It
 * handles the field's keys before the composer does. Loaded with the first `@`.
 */
export function MentionList({ field, people }: MentionListProps) {
  const [typed, setTyped] = useState<Typed>()
  const [index, setIndex] = useState(0)
  const [closedAt, setClosedAt] = useState<number>()
  const found = typed && typed.start !== closedAt ? findPeople(people, typed.name) : []
  const active = found[index % found.length]

  function choose({ username }: Person) {
    const { current } = field
    if (!current || !typed) return
    current.setRangeText(`@${username} `, typed.start, current.selectionStart, 'end')
    current.dispatchEvent(new InputEvent('input', { bubbles: true }))
  }
  const look = useEffectEvent(() => {
    const { current } = field
    const next = current && current === document.activeElement ? typedName(current) : undefined
    if (next?.start === typed?.start && next?.name === typed?.name) return
    setTyped(next)
    setIndex(0)
    if (next?.start !== closedAt) setClosedAt(undefined)
  })
  /** Enter may send: then the field is emptied without an event. */
  function forget() {
    setTyped(undefined)
    setClosedAt(undefined)
  }
  const press = useEffectEvent((event: KeyboardEvent) => {
    const { key, shiftKey, isComposing } = event
    if (!active && key === 'Enter') forget()
    if (!active || shiftKey || isComposing) return
    if (key === 'ArrowDown') setIndex(index + 1)
    else if (key === 'ArrowUp') setIndex(index + found.length - 1)
    else if (key === 'Enter' || key === 'Tab') choose(active)
    else if (key === 'Escape') setClosedAt(typed?.start)
    else return
    event.preventDefault()
    event.stopPropagation()
  })
  useEffect(() => {
    const { current } = field
    const onChange = () => look()
    const onKey = (event: KeyboardEvent) => press(event)
    onChange()
    current?.addEventListener('keydown', onKey)
    for (const name of changes) document.addEventListener(name, onChange)
    return () => {
      current?.removeEventListener('keydown', onKey)
      for (const name of changes) document.removeEventListener(name, onChange)
    }
  }, [field])
  useEffect(() => {
    if (active) return describeField(field.current, active)
  }, [field, active])

  if (!active) return null
  return (
    <div
      id={listId}
      role="listbox"
      aria-label="People to mention"
      className="bg-raised border-line absolute bottom-full left-3 z-10 mb-1 w-72 max-w-[calc(100%-1.5rem)] rounded-lg border p-1 shadow-lg"
    >
      {found.map((person) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
        <div
          key={person.id}
          id={optionId(person)}
          role="option"
          aria-selected={person === active}
          // Keeps the focus in the field.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(person)}
          className="aria-selected:bg-wash flex min-h-11 cursor-pointer items-center rounded-md px-2 md:min-h-9"
        >
          <span className="truncate">
            <PersonName of={person} />
          </span>
        </div>
      ))}
    </div>
  )
}

/** The events after which another name may stand before the cursor. */
const changes = ['input', 'selectionchange', 'focusin', 'focusout']

/** The name that is being typed, and where its `@` is. */
type Typed = { start: number; name: string }

const unfinished = /(?<![\p{L}\p{N}\p{M}@/])@([\p{L}\p{N}\p{M}_.-]{0,64})$/u

function typedName({ value, selectionStart, selectionEnd }: HTMLTextAreaElement): Typed | undefined {
  if (selectionStart !== selectionEnd) return undefined
  const name = unfinished.exec(value.slice(Math.max(0, selectionStart - 66), selectionStart))?.[1]
  return name === undefined ? undefined : { start: selectionStart - name.length - 1, name }
}

const mostShown = 8

/** Nobody if the name is complete and could be no other, so that Enter sends. */
function findPeople(people: Person[], name: string) {
  const wanted = name.toLowerCase()
  const found = people.filter(({ username, name }) =>
    [username, ...name.split(' ')].some((one) => one.toLowerCase().startsWith(wanted)),
  )
  const isComplete = found.length === 1 && found[0]?.username.toLowerCase() === wanted
  return isComplete ? [] : found.slice(0, mostShown)
}

/**
 * Tells screen readers about the open list. The role is necessary, because a text box has no `aria-expanded`.
 * @returns a function that undoes it
 */
function describeField(field: HTMLElement | null, active: Person) {
  const attributes = {
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': 'true',
    'aria-controls': listId,
    'aria-activedescendant': optionId(active),
  }
  for (const [name, value] of Object.entries(attributes)) field?.setAttribute(name, value)
  return () => {
    for (const name of Object.keys(attributes)) field?.removeAttribute(name)
  }
}
