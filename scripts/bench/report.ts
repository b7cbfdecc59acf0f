/** Prints the results as they come, and keeps them for the README. */
export class Report {
  readonly #tables: Table[] = []
  readonly #aims: Aim[] = []
  readonly #otherLoads: Row[] = []
  readonly #comparisons: [measure: string, byWay: Record<string, string>][] = []
  /** An SVG of the load's results, if the load was measured. */
  drawing: string | undefined

  table(title: string, columns: string[], rows: Row[]) {
    const table = { title, columns, rows }
    this.#tables.push(table)
    console.log(asText(table))
  }

  /** Notes a result and its largest acceptable value. */
  aim(name: string, value: number, atMost: number, digits = 2) {
    this.#aims.push({ name, value, atMost, digits })
  }

  /**
   * Notes how much CPU time other processes used during a measurement. The more it was, the less reliable is the
   * result.
   */
  otherLoad(measurement: string, percent: number, seconds: number) {
    this.#otherLoads.push([measurement, percent.toFixed(0), seconds.toFixed(0)])
    console.log(
      `(${measurement}: ${seconds.toFixed(0)} s; other processes used ${percent.toFixed(0)} % of the CPU)`,
    )
  }

  /** Adds a row to the table that compares all ways. */
  compare(measure: string, byWay: Record<string, string>) {
    this.#comparisons.push([measure, byWay])
  }

  /** Prints a comparison of all ways, and whether each aim is met. @returns this summary and all details as Markdown */
  end() {
    const details = this.#tables.splice(0)
    if (this.#comparisons.length) this.#showComparison()
    if (this.#aims.length) this.#showAims()
    const summary = this.#tables.splice(0)
    this.table('CPU used by other processes', ['%', 'measured for s'], this.#otherLoads)
    const inMarkdown = (tables: Table[]) => tables.map(asMarkdown).join('\n\n')
    return { summary: inMarkdown(summary), details: inMarkdown([...details, ...this.#tables]) }
  }

  #showComparison() {
    const names = [...new Set(this.#comparisons.flatMap(([, byWay]) => Object.keys(byWay)))]
    const rows = this.#comparisons.map(([measure, byWay]) => [
      measure,
      ...names.map((name) => byWay[name] ?? ''),
    ])
    this.table('Side by side', names, rows)
  }

  #showAims() {
    const isMet = ({ value, atMost }: Aim) => (value <= atMost ? 'yes' : 'no')
    const rows = this.#aims.map((aim) => [
      aim.name,
      aim.value.toFixed(aim.digits),
      String(aim.atMost),
      isMet(aim),
    ])
    this.table('Aims', ['measured', 'at most', 'met'], rows)
  }
}

interface Aim {
  name: string
  value: number
  atMost: number
  digits: number
}

/** The row's name, then its cells. */
export type Row = string[]

interface Table {
  title: string
  columns: string[]
  rows: Row[]
}

function asText({ title, columns, rows }: Table) {
  const all = [[title, ...columns], ...rows]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []
  const line = (row: Row) =>
    row
      .map((cell, column) => (column ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[0] ?? 0)))
      .join('  ')
  return `\n${all.map(line).join('\n')}`
}

function asMarkdown({ title, columns, rows }: Table) {
  const line = (row: Row) => `| ${row.join(' | ')} |`
  return [line([title, ...columns]), line(['---', ...columns.map(() => '--:')]), ...rows.map(line)].join('\n')
}
