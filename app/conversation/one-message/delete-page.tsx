import Link from 'next/link'
import { Alert } from '@/app/ui/alert'
import { ButtonForm } from '@/app/ui/button-form'
import { Page } from '@/app/ui/page-body'
import { permalink } from '../permalink'
import { removeMessage } from './actions'
import { OneMessage } from './one-message'
import type { Opened } from './open-message'
import { rightsOnPage } from './rights-on-page'

/** Asks once before a message is deleted. */
export async function DeletePage(opened: Opened) {
  const { conversation, message, path } = opened
  const { seq, conversationId, deletedAt } = message
  const { kind, name } = conversation
  const isRefused = !deletedAt && !(await rightsOnPage(opened)).delete
  const values = { conversationId, seq: String(seq), ...(kind === 'room' && { room: name }) }
  return (
    <Page title="Delete message">
      <OneMessage {...opened} />
      {isRefused && <Alert>You can delete only your own messages.</Alert>}
      {!isRefused && !deletedAt && (
        <p>Its text, earlier versions and reactions are removed for everyone. This cannot be undone.</p>
      )}
      <div className="flex items-center gap-4">
        {!isRefused && !deletedAt && (
          <ButtonForm action={removeMessage} values={values} className="button-danger">
            Delete message
          </ButtonForm>
        )}
        <Link href={permalink(path, seq)} prefetch={false} className="link">
          {isRefused || deletedAt ? 'Back to the conversation' : 'Cancel'}
        </Link>
      </div>
    </Page>
  )
}
