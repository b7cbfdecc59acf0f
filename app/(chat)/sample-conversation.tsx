import { Message } from '@/app/conversation/message'
import { Avatar } from '@/app/ui/avatar'
import { plainMessage } from '@/lib/plain-message'

const people = {
  ada: { id: '0004', username: 'Ada', name: 'Ada' },
  ben: { id: '0001', username: 'Ben', name: 'Ben' },
}

const lines = [
  ['ben', '17:02', 'The tomatoes are ripe. Far too many of them.'],
  ['ben', '17:02', 'Shall we all eat together on Saturday?'],
  ['ada', '17:05', 'Yes! I will bake bread.'],
  ['ben', '17:06', 'Then I will ask the others in the kitchen room.'],
  ['ada', '17:06', 'Seven o’clock, in the garden?'],
] as const

/**
 * A picture of a conversation, in the markup that conversations have. Nothing in it can be read out, focused or used.
 */
export function SampleConversation() {
  return (
    <figure className="grid gap-3">
      <div inert aria-hidden className="border-line grid rounded-2xl border shadow-sm">
        <p className="border-line flex items-center gap-3 border-b px-4 py-2">
          <Avatar {...people.ben} status="online" size="small" />
          <span>
            <span className="block font-semibold">{people.ben.name}</span>
            <span className="text-muted block text-sm">Here now</span>
          </span>
        </p>
        <ol className="grid pb-3">
          {lines.map(([name, time, body], index) => (
            <Message
              key={body}
              message={{
                ...plainMessage,
                id: '',
                conversationId: '',
                nonce: '',
                said: index + 1,
                seq: index + 1,
                sender: people[name],
                body,
                createdAt: `2026-08-06T${time}:00Z`,
              }}
              userId={people.ada.id}
              isOwn={name === 'ada'}
              isAside={name === 'ada'}
              zone="UTC"
              isFirst={lines[index - 1]?.[0] !== name}
              progress={name === 'ada' ? 'Read' : undefined}
            />
          ))}
        </ol>
        <p className="border-line flex gap-2 border-t p-3">
          <span className="input text-muted">Write a message</span>
          <span className="button button-primary">Send</span>
        </p>
      </div>
      <figcaption className="text-muted text-center text-sm">
        A conversation, as it looks in Parley
      </figcaption>
    </figure>
  )
}
