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
  const picture = drawing ? '![The load’s results over the messages a second](docs/bench.svg)\n\n' : ''
  writeSection('bench', `${summary}\n\n${picture}`)
  writeFileSync(join(root, 'docs/bench.md'), `# All results of the last \`npm run bench\`\n\n${details}\n`)
  if (drawing) writeFileSync(join(root, 'docs/bench.svg'), drawing)
}

/** Replaces the text between the README's marks of this name. */
export function writeSection(name: string, text: string) {
  const file = join(root, 'README.md')
  const marked = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*(<!-- /${name} -->)`)
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(marked, (_, start, end) => `${start}\n${text}${end}`),
  )
}
