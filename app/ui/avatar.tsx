type AvatarProps = { id: string; name: string; status?: 'online' | 'offline'; size?: 'small' | 'large' }

/** A person's initials. If they are online, with a dot, and a word for screen readers. */
export function Avatar({ id, name, status, size = 'large' }: AvatarProps) {
  return (
    <span className="relative inline-flex shrink-0">
      <span
        aria-hidden
        data-hue={hueOf(id)}
        className={`avatar inline-flex items-center justify-center rounded-full font-semibold text-sm select-none ${size === 'large' ? 'size-10' : 'size-8'}`}
      >
        {initials(name)}
      </span>
      {status === 'online' && (
        <span className="bg-online ring-paper absolute right-0 bottom-0 size-2.5 rounded-full ring-2">
          <span className="sr-only">online</span>
        </span>
      )}
    </span>
  )
}

/** A person's colour, for the attribute `data-hue`. */
export const hueOf = (id: string) => Number.parseInt(id.slice(0, 4), 16) % 8

function initials(name: string) {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => [...(word ?? '?')][0]?.toUpperCase()).join('')
}
