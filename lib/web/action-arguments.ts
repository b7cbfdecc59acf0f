/**
 * Checks the arguments of a server action before React decodes them. Only plain data and the form itself may be among
 * them: anything else makes React throw, and Next.js answers with a bare “Internal Server Error”.
 *
 * The format is React's own and not documented. These rules follow packages/react-server/src/ReactFlightReplyServer.js
 * (`parseModelString`: strings that begin with `$` are more than text, except `$$`) and ReactFlightActionServer.js
 * (`decodeAction`). action-arguments.test.ts compares them with the React that Next.js bundles.
 */

/**
 * A form sent without JavaScript. The field `$ACTION_ID_<id>` names its action; or `$ACTION_REF_<n>` does, then
 * `$ACTION_<n>:0` holds the action's id and `$ACTION_<n>:1` the list of its arguments.
 */
export function isActionForm(form: FormData) {
  const own = [...form].filter(([name]) => name.startsWith('$ACTION'))
  const parts = own.filter(([name]) => /:\d+$/.test(name))
  const references = own.flatMap(([name]) => /^\$ACTION_REF_(.*)$/.exec(name)?.[1] ?? [])
  return (
    own.length > 0 &&
    parts.every(([, value]) => isPlain(parse(value), /^\$(K1|@1|undefined)$/)) &&
    references.every((n) => Array.isArray(parse(form.get(`$ACTION_${n}:1`))))
  )
}

/** A script's call with a form among its arguments: the part `0` holds the list of arguments. */
export function isActionCall(form: FormData) {
  const lists = form.getAll('0').map(parse)
  return lists.length > 0 && lists.every((list) => isPlainList(list, /^\$(K1|@1|undefined)$/))
}

/** The body of a script's call without a form among its arguments: the list as JSON. */
export const isPlainCall = (body: string) => isPlainList(parse(body), /^\$undefined$/)

const isPlainList = (list: unknown, allowed: RegExp) => Array.isArray(list) && isPlain(list, allowed)

function parse(text: FormDataEntryValue | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(String(text))
  } catch {
    return undefined
  }
}

function isPlain(value: unknown, allowed: RegExp): boolean {
  if (value === undefined) return false
  if (typeof value === 'string') return !/^\$(?!\$)/.test(value) || allowed.test(value)
  return (
    value === null || typeof value !== 'object' || Object.values(value).every((one) => isPlain(one, allowed))
  )
}
