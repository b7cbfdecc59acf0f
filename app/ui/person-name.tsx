import type { Person } from '@/lib/views'

type Named = Pick<Person, 'name' | 'username'>

/** A person's name, then the username if it differs, because two people may have the same name. */
export const PersonName = ({ of: { name, username } }: { of: Named }) => (
  <>
    {/* Isolated, so that a name written from right to left does not reorder the text around it. */}
    <bdi>{name}</bdi>
    {name !== username && <span className="text-muted font-normal"> {username}</span>}
  </>
)

/** The same as plain text, for sentences. */
export const fullName = ({ name, username }: Named) => (name === username ? name : `${name} (${username})`)
