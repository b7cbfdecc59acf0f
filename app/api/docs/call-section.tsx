import type { ReactNode } from 'react'
import type { MediaTypes, Operation, Response } from '../openapi/document'
import { commonProblems } from '../openapi/problems'
import { Field, FieldList, ShapeFields, Type } from './shape'
import { Code, Shell, Text } from './text'

export type Listed = { method: string; path: string; operation: Operation }

/** A call: what it takes, what it answers, and an example. */
export function CallSection({ method, path, operation }: Listed) {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  const sample = operation['x-codeSamples']?.[0]
  return (
    <section id={operationId} aria-labelledby={`${operationId}-title`} className="grid scroll-mt-6 gap-3">
      <h3 id={`${operationId}-title`} className="font-semibold">
        {summary}
      </h3>
      <p className="font-mono text-sm">
        <span className="text-accent font-semibold">{method}</span> {path}
      </p>
      {description && (
        <p>
          <Text>{description}</Text>
        </p>
      )}
      {needs(operation) && <p className="text-muted text-sm">{needs(operation)}</p>}
      {sample && <Shell>{sample.source}</Shell>}
      {parameters.length > 0 && (
        <div className="grid gap-1">
          <Label>In the address</Label>
          <FieldList>
            {parameters.map(({ name, schema, required, description }) => (
              <Field
                key={name}
                name={name}
                schema={schema}
                isOptional={!required}
                description={description}
              />
            ))}
          </FieldList>
        </div>
      )}
      {requestBody && <Body content={requestBody.content} />}
      <Answers responses={responses} />
    </section>
  )
}

function needs({ security }: Operation) {
  const [first] = security.flatMap((one) => Object.keys(one))
  if (first === 'token') return 'Needs a token.'
  if (first === 'metricsToken') return 'Needs the token of the metrics.'
  return first && 'Needs Soketi’s signature.'
}

const Label = ({ children }: { children: ReactNode }) => <p className="text-muted text-sm">{children}</p>

/** A body by content type. */
const Body = ({ content }: { content: MediaTypes }) =>
  Object.entries(content).map(([type, { schema }]) => (
    <div key={type} className="grid gap-1 text-sm">
      <Label>Body, {type}</Label>
      {schema.properties ? <ShapeFields schema={schema} /> : <Type schema={schema} />}
    </div>
  ))

function Answers({ responses }: Pick<Operation, 'responses'>) {
  const all = Object.entries(responses)
  const own = all.filter(([status, { description }]) => description !== common[status])
  const others = all.filter((one) => !own.includes(one)).map(([status]) => status)
  return (
    <div className="grid gap-1">
      <Label>Answers</Label>
      <AnswerList answers={own} />
      <p className="text-muted text-sm">
        Also{' '}
        <a href="#problems" className="link">
          {others.join(', ').replace('default', 'others')}
        </a>
        .
      </p>
    </div>
  )
}

/** By status, the description of the problem that many calls have. */
const common: Record<string, string> = Object.fromEntries(
  Object.values(commonProblems)
    .flatMap((problems) => Object.entries(problems))
    .map(([status, { description }]) => [status, description]),
)

/** The problems that many calls have. */
export const CommonProblems = () => (
  <AnswerList answers={Object.entries(common).map(([status, description]) => [status, { description }])} />
)

const AnswerList = ({ answers }: { answers: [string, Response][] }) => (
  <FieldList>
    {answers.map(([status, { description, content = {} }]) => (
      <div key={status} className="grid grid-cols-[4rem_minmax(0,1fr)] gap-2 py-2">
        <dt className="font-mono">{status === 'default' ? 'other' : status}</dt>
        <dd className="grid gap-1">
          <span>
            <Text>{description}</Text>
          </span>
          {!isProblem(content) && <AnswerContent content={content} />}
        </dd>
      </div>
    ))}
  </FieldList>
)

/** The shape of most errors, which needs no mention. */
const isProblem = (content: MediaTypes) =>
  content['application/problem+json']?.schema.$ref?.endsWith('/Problem') ?? false

const AnswerContent = ({ content }: { content: MediaTypes }) =>
  Object.entries(content).map(([type, { schema, 'x-itemSchema': items }]) => (
    <div key={type} className="grid gap-1">
      <span className="text-muted">
        <Code>{type}</Code>: {items ? 'a stream of ' : ''}
        <Type schema={items ?? schema} />. {schema.description && <Text>{schema.description}</Text>}
      </span>
      {schema.properties && <ShapeFields schema={schema} />}
    </div>
  ))
