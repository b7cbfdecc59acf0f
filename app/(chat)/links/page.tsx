import { Alert } from '@/app/ui/alert'
import { ButtonForm } from '@/app/ui/button-form'
import { NextPage } from '@/app/ui/next-page'
import { orAlert } from '@/app/ui/or-alert'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { orTooSlow } from '@/app/ui/slow-page'
import { Time } from '@/app/ui/time'
import { listOwnedGroups } from '@/lib/groups'
import { listLinks } from '@/lib/links'
import type { Link as PersonLink } from '@/lib/views'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../missing'
import { endLink } from './actions'
import { LinkForm } from './link-form'

async function LinksPage({ searchParams }: PageProps<'/links'>) {
  const user = await requireUser('/links')
  if (!user.mayMakeLinks) return missingPage()
  const { cursor } = await searchParams
  const [groups, { links, nextCursor, alert }] = await Promise.all([
    listOwnedGroups(user),
    // A faulty `cursor` is shown as an alert.
    orAlert(listLinks(user, { cursor }), { links: [], nextCursor: null }),
  ])
  return (
    <Page title="Links">
      <p className="text-muted">
        A link brings people in: they create an account or log in, and land where it leads. You can end it at
        any time.
      </p>
      <LinkForm groups={groups.map(({ id, name }) => [id, `The group “${name}”`])} />
      <Section title="Your links">
        {alert && <Alert>{alert}</Alert>}
        {links.length === 0 && <p className="text-muted">You have made no links yet.</p>}
        <ul className="divide-line divide-y">
          {links.map((link) => (
            <LinkRow key={link.id} link={link} />
          ))}
        </ul>
        <NextPage path="/links" cursor={nextCursor}>
          Older links
        </NextPage>
      </Section>
    </Page>
  )
}

export default orTooSlow(LinksPage, Page)

function LinkRow({ link }: { link: PersonLink }) {
  const { id, used, uses, createdAt, expiresAt, state } = link
  const title = titleOf(link)
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 py-3">
      <div className="min-w-0 flex-1 basis-44">
        <p className="font-semibold">{title}</p>
        <p className="text-muted text-sm">
          Used {used} of {uses} · made <Time at={createdAt} /> ·{' '}
          {state === 'open' ? (
            <>
              until <Time at={expiresAt} />
            </>
          ) : (
            state
          )}
        </p>
      </div>
      {state === 'open' && (
        <ButtonForm action={endLink} values={{ id }} className="button-danger" about={` ${title}`}>
          End link
        </ButtonForm>
      )}
    </li>
  )
}

function titleOf({ into, title }: PersonLink) {
  if (into === 'me') return 'Into a conversation with me'
  return into ? `Into the group “${title}”` : 'Only to an account'
}
