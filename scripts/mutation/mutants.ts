import { parse } from '@babel/parser'
import { sqlVariants } from './sql'

/** A piece of source, and what one fault would make of it. */
type Change = { start: number; end: number; text: string; isStatement?: boolean }
export type Mutant = Change & {
  /** Outside functions, and so reached when the file is loaded. */
  atLoad: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: a node's fields depend on its type, and every one is read by name
type Node = { type: string; start: number; end: number; [field: string]: any }

/** Every mutant of a file, in the order of the source. */
export function findMutants(source: string): Mutant[] {
  const mutants: Mutant[] = []
  const tree = parse(source, { sourceType: 'module', plugins: ['typescript'] })
  visit(tree.program as unknown as Node, true)
  return mutants.sort((one, other) => one.start - other.start || other.end - one.end)

  function visit(node: Node, atLoad: boolean) {
    if (isSkipped(node)) return
    const changes = variantsOf(node, source).map((text) => ({ ...rangeOf(node), text }))
    for (const change of [...changes, ...removable(node)]) mutants.push({ ...change, atLoad })
    const isFunction = /Function|Method/.test(node.type)
    for (const child of childrenOf(node)) visit(child, atLoad && !isFunction)
  }
}

/** Leaves out types, the names of modules and properties, and log calls, which tests don't check. */
const isSkipped = ({ type, callee }: Node) =>
  (type.startsWith('TS') && !/^TS(As|Satisfies|NonNull)/.test(type)) ||
  type === 'ImportDeclaration' ||
  (type === 'CallExpression' && (callee.type === 'Import' || /^log[A-Z]/.test(callee.name ?? '')))

function childrenOf(node: Node): Node[] {
  return Object.entries(node).flatMap(([field, value]) => {
    if (field === 'loc' || field.endsWith('Comments') || field === 'directives') return []
    if (/(Property|Method)$/.test(node.type) && field === 'key' && !node.computed) return []
    if (/^Export/.test(node.type) && field === 'source') return []
    return [value].flat().filter((child) => typeof child?.type === 'string')
  })
}

const operators: Record<string, string> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '&&': '||',
  '||': '&&',
}
const methods = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['min', 'max'],
  ['max', 'min'],
])
/** Methods that can be left out, because their result has the same type as the object. */
const filters = new Set(['filter', 'sort', 'reverse', 'trim', 'slice', 'toLowerCase', 'normalize', 'finally'])

/** The faulty variants of an expression. */
function variantsOf(node: Node, source: string): string[] {
  const code = (part: Node) => source.slice(part.start, part.end)
  const without = (part: Node, by: string) =>
    source.slice(node.start, part.start) + by + source.slice(part.end, node.end)
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const { left, right, operator } = node
      if (operator === '??') return [code(left)]
      const other = operators[operator]
      const isText = [left, right].some(({ type }) => /String|Template/.test(type))
      if (!other || (isText && '+-'.includes(operator))) return []
      const between = { start: left.end, end: right.start } as Node
      return [without(between, code(between).replace(operator, other))]
    }
    case 'ConditionalExpression':
      return [without(node.test, `!(${code(node.test)})`)]
    case 'UnaryExpression':
      return node.operator === '!' ? [code(node.argument)] : []
    case 'NumericLiteral':
      return [String(node.value <= 1000 ? node.value + 1 : node.value * 10)]
    case 'BooleanLiteral':
      return [String(!node.value)]
    case 'StringLiteral':
      // Sentences for people may change.
      return node.value.includes(' ') ? [] : [node.value ? "''" : "'x'"]
    case 'TaggedTemplateExpression':
      if (node.tag.name !== 'sql' && node.tag.object?.name !== 'sql') return []
      return node.quasi.quasis.flatMap((part: Node) =>
        sqlVariants(code(part)).map((text) => without(part, text)),
      )
    case 'CallExpression':
      return callVariants(node, code, without)
    default:
      return []
  }
}

function callVariants(node: Node, code: (part: Node) => string, without: (part: Node, by: string) => string) {
  const { callee, arguments: given } = node
  if (callee.name === 'and' || callee.name === 'or')
    return given.map((condition: Node) => without(condition, 'undefined'))
  if (callee.name === 'desc' || callee.name === 'asc') return [code(given[0])]
  if (callee.object?.name === 'Promise' && given[0]?.elements?.length > 1)
    return given[0].elements.map((work: Node) => without(work, 'undefined'))
  const name = callee.property?.name
  const other = methods.get(name)
  if (other) return [without(callee.property, other)]
  return filters.has(name) ? [code(callee.object)] : []
}

/** The ways to remove a statement, or its `await`. */
function removable(node: Node): Change[] {
  const { type, start, end, test, expression, argument } = node
  if (type === 'ThrowStatement') return [{ start, end, text: '', isStatement: true }]
  if (type === 'ReturnStatement' && argument && argument.name !== 'undefined')
    return [{ ...rangeOf(argument), text: 'undefined' }]
  if (type === 'IfStatement') return ['true', 'false'].map((text) => ({ ...rangeOf(test), text }))
  if (type !== 'ExpressionStatement' || expression.callee?.type === 'Super') return []
  if (/^log[A-Z]/.test((expression.argument ?? expression).callee?.name ?? '')) return []
  return [{ ...rangeOf(node), text: '', isStatement: true }]
}

const rangeOf = ({ start, end }: Node) => ({ start, end })
