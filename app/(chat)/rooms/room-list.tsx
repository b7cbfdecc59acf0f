import Link from 'next/link'
import type { Room } from '@/lib/views'

/** Rooms, with how many people are in each. */
export const RoomList = ({ rooms }: { rooms: (Room & { count: number | string })[] }) => (
  <ul className="divide-line border-line divide-y border-y">
    {rooms.map(({ id, name, count }) => (
      <li key={id}>
        <Link
          href={`/room/${name}`}
          prefetch={false}
          className="hover:bg-wash flex min-h-11 items-center justify-between gap-4 px-2 py-2"
        >
          <span className="min-w-0 font-semibold">{name}</span>
          <span className="text-muted shrink-0 text-sm">{count ? `${count} here` : 'Empty'}</span>
        </Link>
      </li>
    ))}
  </ul>
)
