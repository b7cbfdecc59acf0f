import { ButtonForm } from '@/app/ui/button-form'
import { Time } from '@/app/ui/time'
import { dismissResetNotice } from './actions'

/** Tells a person that a link to reset their password was made at that time, until they dismiss it. */
export const ResetNotice = ({ madeAt }: { madeAt: string }) => (
  <div className="bg-wash flex flex-wrap items-center justify-between gap-3 rounded-lg p-4">
    <p className="min-w-0 flex-1 basis-60">
      An operator of this site made a link to reset your password (
      <Time at={new Date(madeAt).toISOString()} />
      ). If you did not ask for it, change your password and tell them.
    </p>
    <ButtonForm action={dismissResetNotice} values={{}}>
      OK
    </ButtonForm>
  </div>
)
