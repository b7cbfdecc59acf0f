import { Page } from '@/app/ui/page-body'
import { findDraft } from '@/lib/drafts'
import { sealOwner } from '@/lib/web/form-owner'
import { rightsOf } from '../message-rights'
import { EditForm } from './edit-form'
import type { Opened } from './open-message'

export async function EditPage({ user, conversation, message, path, draft }: Opened) {
  const { id, kind, name } = conversation
  return (
    <Page title="Edit message">
      <EditForm
        message={message}
        path={path}
        room={kind === 'room' ? name : undefined}
        owner={sealOwner(user.id)}
        draft={await findDraft(user, id, draft)}
        isEditable={rightsOf(message, conversation, user.id).edit}
      />
    </Page>
  )
}
