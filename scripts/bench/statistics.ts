/** The value below which so large a part of the numbers lies, 0.5 for the median. */
export function percentile(numbers: number[], part: number) {
  const sorted = numbers.toSorted((one, other) => one - other)
  return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN
}

export const median = (numbers: number[]) => percentile(numbers, 0.5)

/** From the smallest to the largest. */
export const spread = (numbers: number[], digits: number) =>
  [Math.min(...numbers), Math.max(...numbers)].map((number) => number.toFixed(digits)).join('–')
