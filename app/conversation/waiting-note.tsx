import type { ShownMessage } from './pending-changes'

/** Says that an edit or deletion of a message waits to be sent. */
export const WaitingNote = ({ pending }: Pick<ShownMessage, 'pending'>) =>
  (pending?.isEdited || pending?.isDeleted) &&
  pending.holdUp !== undefined && (
    <p className="text-muted text-sm">
      {pending.isDeleted && 'Deletion: '}Waiting to be sent{pending.holdUp && `: ${pending.holdUp}`}
    </p>
  )
