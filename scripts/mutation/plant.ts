import type { Mutant } from './mutants'

export type Planted = Mutant & { id: number }

/** The source with every mutant in it, each behind a switch (switch.mjs). */
export function plant(source: string, mutants: Planted[]) {
  return render(0, source.length, mutants)

  function render(start: number, end: number, inside: Planted[]): string {
    let text = ''
    let at = start
    while (inside[0]) {
      const { start: from, end: to } = inside[0]
      const isHere = (one: Mutant) => one.start === from && one.end === to
      const here = inside.filter(isHere)
      const within = inside.filter((one) => one.end <= to && !isHere(one))
      inside = inside.filter(({ start }) => start >= to)
      text += source.slice(at, from) + choose(here, render(from, to, within))
      at = to
    }
    return text + source.slice(at, end)
  }
}

/** Statements go around expressions, because an expression can be a whole statement. */
function choose(mutants: Planted[], original: string) {
  let text = original
  for (const mutant of mutants)
    if (!mutant.isStatement) text = `(globalThis.isMutant?.(${mutant.id}) ? (${mutant.text}) : (${text}))`
  for (const mutant of mutants)
    if (mutant.isStatement) text = `{ if (!globalThis.isMutant?.(${mutant.id})) { ${text} } }`
  return text
}
