import assert from 'node:assert/strict'
import { parse } from 'node-html-parser'
import { type RequestOptions, request, siteUrl } from './http'

/** A form of a page: the text of its button, the id of its server action, and its fields with their values. */
export type PageForm = { button: string; actionId: string; fields: Record<string, string> }

/** Reads the forms that post to a server action. */
export function readForms(html: string): PageForm[] {
  const forms = parse(html).querySelectorAll('form[method=POST]')
  return forms
    .map((form) => {
      const fields: Record<string, string> = {}
      for (const field of form.querySelectorAll('input[name], textarea[name], select[name]')) {
        const valued = field.tagName === 'SELECT' ? field.querySelector('option[selected]') : field
        const text = field.tagName === 'TEXTAREA' ? field.text : ''
        fields[String(field.getAttribute('name'))] = valued?.getAttribute('value') ?? text
      }
      return { button: form.querySelector('button')?.text ?? '', actionId: actionIdOf(fields), fields }
    })
    .filter(({ actionId }) => actionId)
}

/** React puts the id into a field's value if the action has state, otherwise into a field's name. */
function actionIdOf(fields: Record<string, string>) {
  const inValue = /"id":"([\da-f]+)"/.exec(Object.values(fields).join('\n'))?.[1]
  return inValue ?? /^\$ACTION_ID_(.*)$/m.exec(Object.keys(fields).join('\n'))?.[1] ?? ''
}

/** Finds the form whose button's text begins with `button`. */
export function findForm(html: string, button: string) {
  const forms = readForms(html)
  const found = forms.find((form) => form.button.startsWith(button))
  assert.ok(found, `the form “${button}” is among ${forms.map((form) => form.button)}`)
  return found
}

type Fields = Record<string, string> | (readonly [name: string, value: string])[]

/** Posts the fields as a browser does without JavaScript. */
export function postForm(path: string, fields: Fields, { site = siteUrl(), headers }: RequestOptions = {}) {
  const body = new FormData()
  for (const [name, value] of Array.isArray(fields) ? fields : Object.entries(fields)) body.set(name, value)
  return request(path, { site, headers: { origin: new URL(site).origin, ...headers }, body })
}

/** Opens a page, and fills in and posts its form with that button. */
export async function submitForm(
  path: string,
  button: string,
  values: Record<string, string>,
  options: RequestOptions = {},
) {
  const { text } = await request(path, options)
  return postForm(path, { ...findForm(text, button).fields, ...values }, options)
}

export const boundary = 'parley-boundary'
type MultipartField = readonly [name: string, value: string | Buffer | undefined]

/** A multipart body, and its content type. A buffer becomes a file; a field without a value is left out. */
export function multipart(fields: MultipartField[]) {
  const parts = fields.flatMap(([name, value]) => {
    if (value === undefined) return []
    const file = typeof value === 'string' ? '' : '; filename="x"\r\nContent-Type: text/plain'
    return [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]
  })
  return {
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  }
}
