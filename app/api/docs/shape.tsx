import type { ReactNode } from 'react'
import type { Schema } from '../openapi/document'
import { Code, Text } from './text'

/** What a shape consists of: its fields, or those of each of its variants. */
export function ShapeFields({ schema }: { schema: Schema }) {
  const { description, oneOf } = schema
  return (
    <div className="grid gap-3">
      {description && (
        <p>
          <Text>{description}</Text>
        </p>
      )}
      {oneOf ? (
        (oneOf as Schema[]).map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the variants never change
          <div key={index} className="grid gap-1">
            <p className="text-muted text-sm">{index ? 'or' : 'Either'}</p>
            <Fields schema={one} />
          </div>
        ))
      ) : (
        <Fields schema={schema} />
      )}
    </div>
  )
}

function Fields({ schema: { properties = {}, required = [] } }: { schema: Schema }) {
  return (
    <FieldList>
      {Object.entries(properties as Record<string, Schema>).map(([name, schema]) => (
        <Field key={name} name={name} schema={schema} isOptional={!required.includes(name)} />
      ))}
    </FieldList>
  )
}

export const FieldList = ({ children }: { children: ReactNode }) => (
  <dl className="border-line divide-line divide-y border-y text-sm">{children}</dl>
)

type FieldProps = { name: string; schema: Schema; isOptional: boolean; description?: string }

export function Field({ name, schema, isOptional, description = schema.description }: FieldProps) {
  const notes = [description, limitsOf(schema)].filter(Boolean).join(' ')
  const inner = objectIn(schema)
  return (
    <div className="grid gap-1 py-2 sm:grid-cols-[11rem_minmax(0,1fr)] sm:gap-4">
      <dt className="font-mono">{name}</dt>
      <dd className="grid gap-1">
        <span>
          <Type schema={schema} />
          {isOptional && <span className="text-muted">, optional</span>}
        </span>
        {notes && (
          <span className="text-muted">
            <Text>{notes}</Text>
          </span>
        )}
        {inner && <Fields schema={inner} />}
      </dd>
    </div>
  )
}

/** The type of a value. */
export function Type({ schema }: { schema: Schema }): ReactNode {
  const { $ref, anyOf, type, items, enum: values, const: only, format } = schema
  if ($ref) {
    const name = $ref.split('/').at(-1) ?? ''
    return (
      <a href={`#${name}`} className="link">
        {name}
      </a>
    )
  }
  if (anyOf) return joined(anyOf.map((one) => <Type key={JSON.stringify(one)} schema={one as Schema} />))
  if (only !== undefined) return <Code>{JSON.stringify(only)}</Code>
  if (values) return joined(values.map((value) => <Code key={String(value)}>{JSON.stringify(value)}</Code>))
  if (Array.isArray(type)) return joined(type)
  if (type === 'array')
    return (
      <>
        list of <Type schema={items as Schema} />
      </>
    )
  return formats[format ?? ''] ?? type ?? 'object'
}

const formats: Record<string, string> = { uuid: 'UUID', 'date-time': 'time', uri: 'URL' }

const joined = (parts: ReactNode[]) =>
  parts.flatMap((part, index) => (index ? [index === parts.length - 1 ? ' or ' : ', ', part] : [part]))

/** The fields of an object without a name, alone or in a list or beside null. */
function objectIn({ properties, items, anyOf, ...rest }: Schema): Schema | undefined {
  if (properties) return { properties, ...rest }
  return [items, ...(anyOf ?? [])].map((one) => one && objectIn(one as Schema)).find(Boolean) || undefined
}

function limitsOf({ minimum, maximum, minLength, maxLength, pattern }: Schema) {
  const hasMaximum = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  if (hasMaximum) return `From ${minimum} to ${maximum}.`
  if (minimum !== undefined) return `At least ${minimum}.`
  if (maxLength !== undefined)
    return `${minLength ? `From ${minLength} to` : 'At most'} ${maxLength} characters.`
  if (minLength !== undefined) return `At least ${minLength} character${minLength === 1 ? '' : 's'}.`
  return pattern && `Pattern \`${pattern}\`.`
}
