import { Agent, type OutgoingHttpHeaders, request } from 'node:http'

const agent = new Agent({ keepAlive: true })

export interface Answer {
  status: number
  headers: NodeJS.Dict<string | string[]>
  text: string
}

interface Ask {
  method?: string
  headers?: OutgoingHttpHeaders
  body?: string
}

/** A request over a connection that is kept open; leaner than fetch, so that the client's own work counts for less. */
export function ask(url: string, { method = 'GET', headers, body }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { agent, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    asking.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed a connection that had been idle too long.
      const isStale = asking.reusedSocket && error.code === 'ECONNRESET'
      if (isStale) ask(url, { method, headers, body }).then(resolve, reject)
      else reject(error)
    })
    asking.end(body)
  })
}

/** A call of the HTTP API. @throws unless it succeeds */
export async function call<Result>(url: string, input: unknown, token?: string): Promise<Result> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const { status, text } = await ask(url, { method: 'POST', headers, body: JSON.stringify(input) })
  if (status >= 300) throw new Error(`${url} answered ${status}: ${text}`)
  return JSON.parse(text)
}

/** A form as a browser without JavaScript fills in and posts it. */
export class PageForm {
  #parts: [name: string, value: string][]

  private constructor(
    readonly url: string,
    readonly cookie: string,
    html: string,
  ) {
    this.#parts = [...html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) => [
      attribute(tag, 'name'),
      attribute(tag, 'value'),
    ])
  }

  /** Reads the page's form that has a field called `field`. */
  static async read(url: string, field: string, cookie = '') {
    const { text } = await ask(url, { headers: { cookie } })
    const form = [...text.matchAll(/<form.*?<\/form>/gs)].find(([html]) => html.includes(`name="${field}"`))
    if (!form) throw new Error(`${url} has no form with a field ${field}.`)
    return new PageForm(url, cookie, form[0])
  }

  async post(values: Record<string, string>): Promise<Answer> {
    const form = new FormData()
    for (const [name, value] of this.#parts) form.append(name, value)
    for (const [name, value] of Object.entries(values)) form.set(name, value)
    const body = new Response(form)
    const headers = {
      cookie: this.cookie,
      'content-type': body.headers.get('content-type') ?? '',
      origin: new URL(this.url).origin,
      referer: this.url,
      accept: 'text/html',
    }
    return ask(this.url, { method: 'POST', headers, body: await body.text() })
  }
}

const entities: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>', '#x27': "'", '#39': "'" }

const attribute = (tag: string, name: string) =>
  (new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '').replace(
    /&([^;]+);/g,
    (whole, entity) => entities[entity] ?? whole,
  )

/** The cookies of a browser that logged in. */
export async function logIn(url: string, username: string, password: string) {
  const form = await PageForm.read(`${url}/login`, 'password')
  const { status, headers } = await form.post({ username, password })
  const cookies = [headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split(';')[0])
  if (status !== 303 || !cookies.length) throw new Error(`Logging in answered ${status}.`)
  return cookies.join('; ')
}
