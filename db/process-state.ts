const shared = globalThis as { parleyState?: Map<string, unknown> }
shared.parleyState ??= new Map()
const states = shared.parleyState

/**
 * State that exists once per process, created when first asked for. A module's own variables don't: Next.js loads a
 * module once for each of its bundles, and server.ts is another bundle.
 */
export function processState<State>(name: string, create: () => State): State {
  if (!states.has(name)) states.set(name, create())
  return states.get(name) as State
}
