import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './child'

/** Puts the results where the README shows them: the tables between its marks, and the drawing in docs. */
export function writeReadme(tables: string, drawing: string | undefined) {
  const file = join(root, 'README.md')
  const marked = /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(marked, (_, start, end) => `${start}\n${tables}\n\n${end}`),
  )
  if (drawing) writeFileSync(join(root, 'docs/bench.svg'), drawing)
}
