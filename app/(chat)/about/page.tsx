import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { hasOperator } from '@/lib/roles'
import type { SiteSettings } from '@/lib/site-settings'
import { pageSettings } from '@/lib/web/page-settings'
import { currentUser } from '@/lib/web/page-user'

async function AboutPage() {
  const [user, settings, isOperated] = await Promise.all([currentUser(), pageSettings(), hasOperator()])
  const Around = user ? Page : Welcome
  return (
    <Around title="About this site">
      <p>{settings.siteName} is a chat site. It runs Parley, which is open source under the MIT licence.</p>
      <Section title="Who runs it">
        <p>
          {isOperated
            ? 'This site has operators. They decide about its settings, and who may moderate.'
            : 'This site has no operators. Only the owner of its database can change its settings.'}
        </p>
      </Section>
      <Section title="What they can see">
        <p>
          Operators and moderators read no private conversation in the site. They see rooms as everyone does,
          and messages that somebody reports. Operators also see every account: its name, when it was made and
          when the person was last online.
        </p>
        <p>The owner of the database could read everything in it, apart from passwords.</p>
      </Section>
      <Section title="How long messages are kept">
        <ul className="list-disc pl-5">
          {kinds.map(([name, where]) => (
            <li key={name}>
              {where}: {inDays(settings[name])}
            </li>
          ))}
        </ul>
        <p className="text-muted">Backups hold older states.</p>
      </Section>
    </Around>
  )
}

export default orTooSlow(AboutPage, Welcome)

const kinds = [
  ['keepRooms', 'In rooms'],
  ['keepGroups', 'In groups'],
  ['keepDirect', 'Between two people'],
] as const satisfies [keyof SiteSettings, string][]

const inDays = (days: number | null) =>
  days === null ? 'for ever' : `for ${days} ${days === 1 ? 'day' : 'days'}`
