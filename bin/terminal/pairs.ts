/** Names and values below one another; those without a value stay away. */
export function pairs(lines: readonly (readonly [string, string | undefined])[]): string {
  const told = lines.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(0, ...told.map(([name]) => name.length));
  return told.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
