/** The browser and system that the user agent names. */
export function deviceName(userAgent: string | null, unknown: string) {
  const find = (names: string[]) => names.find((name) => userAgent?.includes(name))
  const browser = find(['Firefox', 'Edg', 'OPR', 'Chrome', 'Safari', 'curl'])
    ?.replace('Edg', 'Edge')
    .replace('OPR', 'Opera')
  const system = find(['iPhone', 'iPad', 'Android', 'Windows', 'Mac OS', 'Linux'])
  return [browser, system].filter(Boolean).join(' on ') || unknown
}
