import Link from 'next/link'
import { firstSettingFields } from '@/app/(account)/fields'
import { type Field, Form } from '@/app/ui/form'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { orTooSlow } from '@/app/ui/slow-page'
import { readNumbers } from '@/lib/numbers'
import type { SiteSettings } from '@/lib/site-settings'
import { pageSettings } from '@/lib/web/page-settings'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../missing'
import { saveSiteSettings } from './actions'
import { NumberLine } from './number-line'

async function OperatorPage() {
  const user = await requireUser('/operator')
  if (user.siteRole !== 'operator') return missingPage()
  const [settings, { now, days }] = await Promise.all([pageSettings(), readNumbers(user)])
  return (
    <Page title="Operator" isWide>
      <nav aria-label="Operator" className="-mt-4 flex flex-wrap gap-x-4 gap-y-2">
        {pages.map(([path, name]) => (
          <Link key={path} href={path} prefetch={false} className="link">
            {name}
          </Link>
        ))}
      </nav>
      <Section title="Numbers">
        <dl className="grid grid-cols-2 gap-4 md:grid-cols-4">
          {numbers.map(([name, label]) => (
            <NumberLine
              key={name}
              label={label}
              now={now[name]}
              days={days.map((day) => ({ day: day.day, number: day[name] }))}
              isBytes={name === 'databaseBytes'}
            />
          ))}
        </dl>
      </Section>
      <Section title="Settings" className="max-w-[68ch]">
        <p className="text-muted">
          Messages older than the days below are deleted for everyone. Backups made before still have them.
        </p>
        <Form action={saveSiteSettings} fields={fieldsOf(settings)} button="Save" />
      </Section>
    </Page>
  )
}

export default orTooSlow(OperatorPage, Page)

const pages = [
  ['/operator/people', 'Everyone'],
  ['/operator/reports', 'Reports'],
  ['/operator/log', 'Log'],
  ['/links', 'Links'],
  ['/about', 'About this site'],
] as const

const numbers = [
  ['people', 'People'],
  ['conversations', 'Conversations'],
  ['messages', 'Messages'],
  ['databaseBytes', 'Size of the database'],
] as const

const fieldsOf = (settings: SiteSettings): Field[] => [
  ...firstSettingFields(settings),
  {
    name: 'roomMakers',
    label: 'New rooms',
    options: [
      ['everyone', 'Everyone can make them'],
      ['accounts', 'Only accounts, not guests'],
      ['operators', 'Only operators'],
    ],
    value: settings.roomMakers,
  },
  {
    name: 'linkMakers',
    label: 'Links that bring people in',
    options: [
      ['operators', 'Only operators can make them'],
      ['accounts', 'Every account can make them'],
    ],
    value: settings.linkMakers,
  },
  daysField('keepRooms', 'Days to keep messages in rooms', settings),
  daysField('keepGroups', 'Days to keep messages in groups', settings),
  daysField('keepDirect', 'Days to keep messages between two people', settings),
]

const daysField = (
  name: 'keepRooms' | 'keepGroups' | 'keepDirect',
  label: string,
  settings: SiteSettings,
): Field => ({
  name,
  label,
  inputMode: 'numeric',
  hint: '1 to 3,650. Empty: for ever.',
  value: String(settings[name] ?? ''),
})
