import type { Person } from '@/lib/views'

type Named = Pick<Person, 'name' | 'username'>

/** A person's name, then the username where it differs: anyone may choose a name that another has too. */
export const PersonName = ({ of: { name, username } }: { of: Named }) => (
  <>
    {/* Isolated, so that a name written from right to left does not reorder what stands around it. */}
    <bdi>{name}</bdi>
    {name !== username && <span className="text-muted font-normal"> {username}</span>}
  </>
)

/** The same in the text of a sentence. */
export const fullName = ({ name, username }: Named) => (name === username ? name : `${name} (${username})`)
