import { firstCommands } from '../openapi/curl'
import type { ApiDocument } from '../openapi/document'
import { CallSection, CommonProblems, type Listed } from './call-section'
import { ShapeFields } from './shape'
import { Code, Shell, Text } from './text'

type DocsPageProps = { api: ApiDocument; site: string }

/** The API's description as a page that needs no script. */
export function DocsPage({ api: { info, tags, paths, components }, site }: DocsPageProps) {
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  const groups = tags.map(({ name }) => ({
    name,
    calls: calls.filter(({ operation }) => operation.tags.includes(name)),
  }))
  return (
    <div className="mx-auto max-w-6xl px-4 lg:grid lg:grid-cols-[18rem_minmax(0,1fr)] lg:gap-12">
      <Contents groups={groups} />
      <main id="main" className="grid max-w-[68ch] gap-12 pb-24 lg:pt-10">
        <header className="grid gap-3">
          <h1>HTTP API</h1>
          {info.description.split('\n\n').map((paragraph) => (
            <p key={paragraph}>
              <Text>{paragraph}</Text>
            </p>
          ))}
          <p>
            This page is made from <Link href="/api/openapi.json">openapi.json</Link>, an OpenAPI 3.1 document
            for client generators and other tools.
          </p>
        </header>
        <section aria-labelledby="start" className="grid gap-3">
          <GroupTitle id="start">Get started</GroupTitle>
          <p>Become a guest, say something in the lobby, and read along for five seconds:</p>
          <Shell>{firstCommands(site)}</Shell>
          <p>
            The examples below use these variables. <Code>$ID</Code> is here the conversation of the lobby;{' '}
            <Code>/api/me</Code> lists yours. Guests cannot invite: for that, register.
          </p>
        </section>
        <section aria-labelledby="problems" className="grid gap-3">
          <GroupTitle id="problems">Problems</GroupTitle>
          <p>
            Every error has the shape <Link href="#Problem">Problem</Link>. These are the ones that many calls
            have:
          </p>
          <CommonProblems />
        </section>
        {groups.map(({ name, calls }) => (
          <section key={name} aria-labelledby={anchor(name)} className="grid gap-8">
            <GroupTitle id={anchor(name)}>{name}</GroupTitle>
            {calls.map((call) => (
              <CallSection key={call.operation.operationId} {...call} />
            ))}
          </section>
        ))}
        <section aria-labelledby="shapes" className="grid gap-8">
          <GroupTitle id="shapes">Shapes</GroupTitle>
          {Object.entries(components.schemas).map(([name, schema]) => (
            <section
              key={name}
              id={name}
              aria-labelledby={`${name}-title`}
              className="grid scroll-mt-6 gap-2"
            >
              <h3 id={`${name}-title`} className="font-semibold">
                {name}
              </h3>
              <ShapeFields schema={schema} />
            </section>
          ))}
        </section>
      </main>
    </div>
  )
}

function Contents({ groups }: { groups: { name: string; calls: Listed[] }[] }) {
  return (
    <nav
      aria-label="Contents"
      className="no-print grid content-start gap-4 py-6 text-sm lg:sticky lg:top-0 lg:h-dvh lg:overflow-y-auto lg:py-10"
    >
      <a href="/" className="font-serif text-xl font-semibold">
        Parley
      </a>
      <ul className="flex flex-wrap gap-x-4 lg:grid lg:gap-4">
        {groups.map(({ name, calls }) => (
          <li key={name}>
            <a
              href={`#${anchor(name)}`}
              className="inline-flex min-h-11 items-center font-semibold lg:min-h-6"
            >
              {name}
            </a>
            <ul className="hidden lg:block">
              {calls.map(({ method, path, operation }) => (
                <li key={operation.operationId}>
                  <a
                    href={`#${operation.operationId}`}
                    className="text-muted hover:text-ink block py-1"
                    title={`${method} ${path}`}
                  >
                    {operation.summary}
                  </a>
                </li>
              ))}
            </ul>
          </li>
        ))}
        <li>
          <a href="#shapes" className="inline-flex min-h-11 items-center font-semibold lg:min-h-6">
            Shapes
          </a>
        </li>
      </ul>
    </nav>
  )
}

const GroupTitle = ({ id, children }: { id: string; children: string }) => (
  <h2 id={id} className="border-line border-t pt-6 font-serif text-xl font-semibold">
    {children}
  </h2>
)

const Link = ({ href, children }: { href: string; children: string }) => (
  <a href={href} className="link">
    {children}
  </a>
)

const anchor = (name: string) => name.toLowerCase().replaceAll(' ', '-')
