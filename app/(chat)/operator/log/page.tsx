import { Alert } from '@/app/ui/alert'
import { NextPage } from '@/app/ui/next-page'
import { orAlert } from '@/app/ui/or-alert'
import { Page } from '@/app/ui/page-body'
import { PersonName } from '@/app/ui/person-name'
import { orTooSlow } from '@/app/ui/slow-page'
import { Time } from '@/app/ui/time'
import { type LogEntry, listLog } from '@/lib/operator-log'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../../missing'
import { BackLink } from '../back-link'
import { describeAction } from './describe-action'

async function LogPage({ searchParams }: PageProps<'/operator/log'>) {
  const user = await requireUser('/operator/log')
  if (user.siteRole !== 'operator') return missingPage()
  const { cursor } = await searchParams
  const { entries, nextCursor, alert } = await orAlert(listLog(user, { cursor }), {
    entries: [],
    nextCursor: null,
  })
  return (
    <Page title="Log">
      <BackLink path="/operator" name="Operator" />
      <p className="text-muted">
        What operators and moderators did. Nobody can change it, and it is kept for 400 days.
      </p>
      {alert && <Alert>{alert}</Alert>}
      {!alert && entries.length === 0 && <p>Nothing yet.</p>}
      <ol className="divide-line border-line divide-y border-y empty:hidden">
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ol>
      <NextPage path="/operator/log" cursor={nextCursor}>
        Older entries
      </NextPage>
    </Page>
  )
}

export default orTooSlow(LogPage, Page)

function Entry({ entry }: { entry: LogEntry }) {
  const { at, actor, action, target, reason } = entry
  const byItself = action === 'messages-expired' ? 'The site' : 'A command in the site’s shell'
  const [before, after] = describeAction(entry)
  return (
    <li className="py-3">
      <p>
        {actor ? <PersonName of={actor} /> : byItself} {before}
        {target && (
          <>
            {' '}
            <PersonName of={target} />
          </>
        )}
        {after}.
      </p>
      <p className="text-muted text-sm">
        <Time at={at} />
        {reason && ` · Reason: ${reason}`}
      </p>
    </li>
  )
}
