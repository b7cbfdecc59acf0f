import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { Time } from '@/app/ui/time'
import { listVersions } from '@/lib/message-changes'
import { Body } from '../body/body'
import { permalink } from '../permalink'
import type { Opened } from './open-message'

/** The texts that a message had, the present one first. */
export async function VersionsPage({ user, conversation, message, path }: Opened) {
  const { seq, body, createdAt, editedAt, deletedAt } = message
  const earlier = await listVersions(user, conversation.id, seq)
  const versions = deletedAt ? [] : [{ body, writtenAt: editedAt ?? createdAt }, ...earlier]
  return (
    <Page title="Versions">
      {deletedAt && <p className="text-muted">Message deleted</p>}
      <ol className="grid gap-4">
        {versions.map((version, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: versions never move
          <li key={index} className="grid gap-1">
            <p className="text-muted text-sm">
              {index === 0 && 'Now · '}
              <Time at={version.writtenAt} />
            </p>
            <div className="bg-raised border-line rounded-2xl border px-3 py-1.5 whitespace-pre-wrap">
              <Body text={version.body} />
            </div>
          </li>
        ))}
      </ol>
      <p>
        <Link href={permalink(path, seq)} prefetch={false} className="link">
          Back to the conversation
        </Link>
      </p>
    </Page>
  )
}
