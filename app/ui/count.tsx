/** A number that asks for attention, as of unread messages. */
export function Count({ children }: { children: number }) {
  return (
    <span className="bg-accent text-on-accent inline-flex h-5 min-w-5 items-center justify-center rounded-full px-1.5 text-sm font-semibold">
      {upTo99(children)}
    </span>
  )
}

/** More are not counted, so that a count costs the same however many there are. */
export const upTo99 = (count: number) => (count > 99 ? '99+' : count)
