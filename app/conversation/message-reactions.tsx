import { ButtonForm } from '@/app/ui/button-form'
import { Form } from '@/app/ui/form'
import { Section } from '@/app/ui/section'
import type { Message } from '@/lib/views'
import { quickEmoji } from './quick-emoji'
import { react } from './reaction-actions'
import { namesOf } from './reactions'

type MessageReactionsProps = {
  message: Message
  userId: string
  /** A room's name: reacting joins it. */
  room?: string
  /** Otherwise the reactions are only listed. */
  mayReact: boolean
}

/** The reactions to a message, and forms to react to it, on the message's page. */
export function MessageReactions({ message, userId, room, mayReact }: MessageReactionsProps) {
  const { conversationId, seq, reactions } = message
  const values = { conversationId, seq: String(seq), ...(room && { room }) }
  const own = reactions.filter(({ mine }) => mine).map(({ emoji }) => emoji)
  const others = [...new Set([...quickEmoji, ...reactions.map(({ emoji }) => emoji)])].filter(
    (emoji) => !own.includes(emoji),
  )
  return (
    <Section title="Reactions">
      {reactions.length === 0 && <p className="text-muted">None yet.</p>}
      <ul className="grid gap-1">
        {reactions.map((reaction) => (
          <li key={reaction.emoji}>
            {reaction.emoji} {reaction.count > 1 && reaction.count}{' '}
            <span className="text-muted">{namesOf(reaction, userId)}</span>
          </li>
        ))}
      </ul>
      {mayReact && (
        <>
          <div className="flex flex-wrap gap-2">
            {own.map((emoji) => (
              <ButtonForm key={emoji} action={react} values={{ ...values, emoji, removes: 'true' }}>
                Remove {emoji}
              </ButtonForm>
            ))}
            {others.map((emoji) => (
              <ButtonForm key={emoji} action={react} values={{ ...values, emoji }}>
                <span>
                  <span className="sr-only">React with </span>
                  {emoji}
                </span>
              </ButtonForm>
            ))}
          </div>
          <Form
            action={react}
            fields={[{ name: 'emoji', label: 'Another emoji', autoComplete: 'off' }]}
            button="React"
            hidden={values}
          />
        </>
      )}
    </Section>
  )
}
