import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { PersonName } from '@/app/ui/person-name'
import { Section } from '@/app/ui/section'
import { MessageReactions } from '../message-reactions'
import { messagePath, permalink, replyLink } from '../permalink'
import { readersOf } from '../progress'
import { OneMessage } from './one-message'
import type { Opened } from './open-message'
import { rightsOnPage } from './rights-on-page'

/** The page of one message: what it says, who has read it, and what can be done with it. */
export async function MessagePage(opened: Opened) {
  const { user, conversation, message, path } = opened
  const { seq, editedAt, deletedAt, kind } = message
  const rights = await rightsOnPage(opened)
  const own = messagePath(path, seq)
  const links = [
    rights.answer && ['Reply', replyLink(path, seq)],
    rights.edit && ['Edit', `${own}/edit`],
    rights.delete && ['Delete', `${own}/delete`],
    editedAt && ['Earlier versions', `${own}/versions`],
    rights.report && ['Report', `${own}/report`],
    ['Show in the conversation', permalink(path, seq)],
  ].filter((link) => Array.isArray(link))
  return (
    <Page title="Message">
      <OneMessage {...opened} />
      <nav aria-label="Message" className="flex flex-wrap gap-2">
        {links.map(([name, href = '']) => (
          <Link key={name} href={href} prefetch={false} className="button">
            {name}
          </Link>
        ))}
      </nav>
      {kind === 'said' && !deletedAt && (
        <>
          <MessageReactions
            message={message}
            userId={user.id}
            room={conversation.kind === 'room' ? conversation.name : undefined}
            mayReact={rights.answer}
          />
          <Readers conversation={conversation} message={message} />
        </>
      )}
    </Page>
  )
}

function Readers({ conversation, message }: Pick<Opened, 'conversation' | 'message'>) {
  const readers = readersOf(conversation, message)
  if (!readers) return null
  return (
    <Section title="Read by">
      {readers.length === 0 && <p className="text-muted">Nobody yet.</p>}
      <ul>
        {readers.map((person) => (
          <li key={person.id}>
            <PersonName of={person} />
          </li>
        ))}
      </ul>
    </Section>
  )
}
