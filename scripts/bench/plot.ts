/** The result of one way at one rate. */
interface Point {
  name: string
  rate: number
  delivered: number
  p50: number
  cpu: number
}

const panels: { title: string; value: (point: Point) => number; ticks: number[]; isLog?: boolean }[] = [
  {
    title: 'Received after, p50 ms',
    value: ({ p50 }) => p50,
    ticks: [1, 10, 100, 1000, 10_000],
    isLog: true,
  },
  { title: 'Delivered, %', value: ({ delivered }) => delivered, ticks: [0, 25, 50, 75, 100] },
  { title: 'CPU seconds per 1,000', value: ({ cpu }) => cpu, ticks: [0, 4, 8, 12] },
]
const colors = ['#8b8b8b', '#d97706', '#2563eb', '#059669', '#c026d3', '#dc2626', '#7c3aed', '#0891b2']
const width = 300
const height = 200
const margin = { left: 44, top: 34, right: 22, bottom: 36 }

/** An SVG of the load's results by rate, for light and dark pages. */
export function drawLoad(points: Point[]) {
  const names = [...new Set(points.map(({ name }) => name))]
  const color = (name: string) => colors[names.indexOf(name) % colors.length]
  const legend = names.map(
    (name, index) =>
      `<rect x="${16 + index * 108}" y="${height + 10}" width="10" height="10" rx="2" fill="${color(name)}"/>` +
      `<text x="${31 + index * 108}" y="${height + 19}">${name}</text>`,
  )
  const drawn = panels.map((panel, index) => `<g transform="translate(${index * width})">${draw(panel)}</g>`)
  const size = `${Math.max(width * panels.length, 16 + names.length * 108)} ${height + 34}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" font-family="system-ui, sans-serif" font-size="11">
<title>The load’s results over the messages a second</title>
<style>text{fill:#444}.grid{stroke:#8884;fill:none}.title{font-weight:600}@media(prefers-color-scheme:dark){text{fill:#ccc}}</style>
${[...drawn, ...legend].join('\n')}
</svg>
`

  function draw({ title, value, ticks, isLog }: (typeof panels)[number]) {
    const rates = [...new Set(points.map(({ rate }) => rate))]
    const scale = (number: number) => (isLog ? Math.log10(Math.max(number, ticks[0] ?? 1)) : number)
    const [low, high] = [scale(ticks[0] ?? 0), scale(Math.max(ticks.at(-1) ?? 1, ...points.map(value)))]
    const x = (rate: number) =>
      margin.left +
      (rates.indexOf(rate) / Math.max(rates.length - 1, 1)) * (width - margin.left - margin.right)
    const y = (number: number) =>
      height - margin.bottom - ((scale(number) - low) / (high - low)) * (height - margin.top - margin.bottom)
    const grid = ticks.map(
      (tick) =>
        `<path class="grid" d="M${margin.left} ${y(tick).toFixed(1)}H${width - margin.right}"/>` +
        `<text x="${margin.left - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick}</text>`,
    )
    const labels = rates.map(
      (rate) =>
        `<text x="${x(rate)}" y="${height - margin.bottom + 18}" text-anchor="middle">${rate}/s</text>`,
    )
    const lines = names.map((name) => {
      const own = points.filter((point) => point.name === name && !Number.isNaN(value(point)))
      const at = own.map((point) => [x(point.rate).toFixed(1), y(value(point)).toFixed(1)])
      const dots = at.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${color(name)}"/>`).join('')
      return `<polyline points="${at.join(' ')}" fill="none" stroke="${color(name)}" stroke-width="2"/>${dots}`
    })
    return `<text class="title" x="${margin.left}" y="18">${title}</text>${[...grid, ...labels, ...lines].join('')}`
  }
}
