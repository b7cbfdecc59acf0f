/** What was measured: shown as it comes, and kept for the README. */
export class Report {
  readonly #tables: Table[] = []
  readonly #aims: Aim[] = []
  readonly #others: Row[] = []
  /** An SVG of the load, once it was measured. */
  drawing: string | undefined

  table(title: string, columns: string[], rows: Row[]) {
    const table = { title, columns, rows }
    this.#tables.push(table)
    console.log(asText(table))
  }

  /** Compares a result with the most that it may be. */
  aim(name: string, value: number, atMost: number, digits = 2) {
    this.#aims.push({ name, value, atMost, digits })
  }

  /** Notes how much of the machine others used during a part: that much less can be trusted. */
  others(part: string, percent: number) {
    this.#others.push([part, percent.toFixed(0)])
    console.log(`(${part}: others used ${percent.toFixed(0)} % of the machine)`)
  }

  /** The aims, with whether each is met, and everything as Markdown. */
  end() {
    const isMet = ({ value, atMost }: Aim) => (value <= atMost ? 'yes' : 'NO')
    if (this.#aims.length)
      this.table(
        'Aims',
        ['measured', 'at most', 'met'],
        this.#aims.map((aim) => [aim.name, aim.value.toFixed(aim.digits), String(aim.atMost), isMet(aim)]),
      )
    this.table('The machine’s other load meanwhile', ['%'], this.#others)
    return this.#tables.map(asMarkdown).join('\n\n')
  }
}

interface Aim {
  name: string
  value: number
  atMost: number
  digits: number
}

/** Its name, then its cells. */
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
