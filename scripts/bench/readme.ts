import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './child'

interface Results {
  /** Markdown for the README, and with all tables for docs. */
  summary: string
  details: string
  drawing: string | undefined
}

/** Writes the summary between the README's marks, and all tables and the drawing into docs. */
export function writeReadme({ summary, details, drawing }: Results) {
  const file = join(root, 'README.md')
  const marked = /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/
  const picture = drawing ? '![The load’s results over the messages a second](docs/bench.svg)\n\n' : ''
  const results = `${summary}\n\n${picture}`
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(marked, (_, start, end) => `${start}\n${results}${end}`),
  )
  writeFileSync(join(root, 'docs/bench.md'), `# All results of the last \`npm run bench\`\n\n${details}\n`)
  if (drawing) writeFileSync(join(root, 'docs/bench.svg'), drawing)
}
