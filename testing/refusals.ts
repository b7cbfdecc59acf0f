import { Refusal } from '@/lib/errors'

/** For `assert.rejects`: a refusal with that status and a sentence. */
export const refusedWith = (status: number) => (error: unknown) =>
  error instanceof Refusal && error.status === status && /\.$/.test(error.message)
