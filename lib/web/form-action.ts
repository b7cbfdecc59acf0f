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

/** The result of a form's action, which the form shows. */
export type FormState<Result = unknown> = {
  /** A sentence for each faulty field. */
  errors?: Record<string, string>
  /** Any other error. */
  alert?: string
  notice?: string
  /** Asks before something that cannot be undone. The button that does it sends `sureOf`. */
  confirm?: { question: string; button: string; sureOf: string }
  /** What was typed, without passwords. */
  values?: Record<string, string>
  result?: Result
}

export type FormValues = Record<string, string>
type Action<Result> = (previous: FormState<Result>, form: FormData) => Promise<FormState<Result>>

/** An action for everyone. Errors become form state, because one that reached the page would empty it. */
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
 * An action for signed-in users. A browser that is no longer signed in is sent to log in, and then back to the form's
 * page. `keep` may save the text as a draft until then, and returns the draft's id.
 */
export const userAction = <Result = unknown>(
  act: (user: CurrentUser, values: FormValues) => Promise<FormState<Result> | undefined>,
  keep?: (values: FormValues) => Promise<string | undefined>,
) =>
  publicAction<Result>(async (values) => {
    const user = await currentUser()
    if (user) return act(user, values)
    const page = await pageOfForm()
    const draft = await keep?.(values)
    const from = draft ? withDraft(page, draft) : page
    return redirect(`/login?from=${encodeURIComponent(from)}`)
  })

function withDraft(page: string, draft: string) {
  const [path, search] = page.split('?')
  const query = new URLSearchParams(search)
  query.set('draft', draft)
  return `${path}?${query}`
}

/** Whether JavaScript sent the form: then it shows the result itself. Without it, the browser needs a page. */
export const isScripted = async () => (await headers()).has('next-action')

/** Shows the changed page: refreshes it with JavaScript. Without, loads it again, or the page `path`. */
export async function showChange(path?: string): Promise<undefined> {
  if (await isScripted()) refresh()
  else redirect(path ?? (await pageOfForm()))
}

/** The path of the form's page. */
async function pageOfForm() {
  const referer = (await headers()).get('referer') ?? ''
  if (!URL.canParse(referer)) return '/'
  const { pathname, search } = new URL(referer)
  return localPath(pathname + search)
}

function explain(error: unknown): Pick<FormState, 'errors' | 'alert'> {
  const refusal = asRefusal(error)
  if (refusal !== error) logError('action', error)
  if (!refusal) return { alert: 'Something went wrong. Nothing was changed: try again in a moment.' }
  return refusal.errors ? { errors: refusal.errors } : { alert: refusal.message }
}

/**
 * The form's text fields, without files and without React's own fields. Of several fields with one name, which are
 * checkboxes, the values are separated by commas.
 */
function readForm(form: unknown): FormValues {
  if (!(form instanceof FormData)) return {}
  const values = new Map<string, string>()
  for (const [name, value] of form) {
    const before = values.get(name)
    if (typeof value === 'string' && !name.startsWith('$ACTION'))
      values.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries(values)
}

const withoutPasswords = (values: FormValues) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !/password/i.test(name)))
