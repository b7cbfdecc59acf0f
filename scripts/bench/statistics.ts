/** The value that this part of the numbers does not exceed. 0.5 is the median. */
export function percentile(numbers: number[], part: number) {
  const sorted = numbers.toSorted((one, other) => one - other)
  return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN
}

export const median = (numbers: number[]) => percentile(numbers, 0.5)

/** The smallest and the largest value, as a text. */
export const spread = (numbers: number[], digits: number) =>
  [Math.min(...numbers), Math.max(...numbers)].map((number) => number.toFixed(digits)).join('–')
