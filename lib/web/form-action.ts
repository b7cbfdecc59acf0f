import 'server-only'
import { refresh } from 'next/cache'
import { headers } from 'next/headers'
import { redirect, unstable_rethrow } from 'next/navigation'
import { after } from 'next/server'
import type { CurrentUser, Origin } from '@/lib/current-user'
import { asRefusal } from '@/lib/errors'
import { logError } from '@/lib/log'
import { published } from '@/lib/realtime/publish'
import { localPath } from './local-path'
import { originOf } from './origin'
import { currentUser } from './page-user'

/** What a form's action answers; the form shows it. */
export type FormState<Result = unknown> = {
  /** A sentence for each faulty field. */
  errors?: Record<string, string>
  /** What is wrong otherwise. */
  alert?: string
  notice?: string
  /** What was typed, passwords aside. */
  values?: Record<string, string>
  result?: Result
}

export type FormValues = Record<string, string>
type Action<Result> = (previous: FormState<Result>, form: FormData) => Promise<FormState<Result>>

/** An action for anyone. Known errors become form state; nothing it does may throw to the page. */
export function publicAction<Result = unknown>(
  act: (values: FormValues, origin: Origin) => Promise<FormState<Result> | undefined>,
): Action<Result> {
  return async (_previous, form) => {
    const values = readForm(form)
    try {
      return (await act(values, originOf(await headers()))) ?? {}
    } catch (error) {
      unstable_rethrow(error)
      return { ...explain(error), values: withoutPasswords(values) }
    } finally {
      after(published)
    }
  }
}

/**
 * An action for who is signed in; who no longer is goes to log in, and back. `keep` may keep what they wrote
 * until then.
 */
export const userAction = <Result = unknown>(
  act: (user: CurrentUser, values: FormValues) => Promise<FormState<Result> | undefined>,
  keep?: (values: FormValues) => Promise<void>,
) =>
  publicAction<Result>(async (values) => {
    const user = await currentUser()
    if (user) return act(user, values)
    await keep?.(values)
    return redirect(`/login?from=${encodeURIComponent(await pageOfForm())}`)
  })

/** Whether JavaScript sent the form: it shows the answer itself, where a browser alone needs a page. */
export const isScripted = async () => (await headers()).has('next-action')

/** After a change: a scripted page has its contents brought up to date, a browser alone loads it anew. */
export async function showChange(): Promise<undefined> {
  if (await isScripted()) refresh()
  else redirect(await pageOfForm())
}

/** The path of the page that the form stands on. */
async function pageOfForm() {
  const referer = (await headers()).get('referer') ?? ''
  if (!URL.canParse(referer)) return '/'
  const { pathname, search } = new URL(referer)
  return localPath(pathname + search)
}

function explain(error: unknown): Pick<FormState, 'errors' | 'alert'> {
  const refusal = asRefusal(error)
  if (refusal !== error) logError('action', error)
  if (!refusal) return { alert: 'Something went wrong here. Nothing was changed: try again in a moment.' }
  return refusal.errors ? { errors: refusal.errors } : { alert: refusal.message }
}

/** The form's texts. Files, and the framework's own fields, are none of ours. */
function readForm(form: unknown): FormValues {
  if (!(form instanceof FormData)) return {}
  const texts = [...form].filter(([name, value]) => typeof value === 'string' && !name.startsWith('$ACTION'))
  return Object.fromEntries(texts) as FormValues
}

const withoutPasswords = (values: FormValues) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !/password/i.test(name)))
