const LONGEST = 30;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar for a share of the largest value. Whatever is above 0 has one that can be seen. */
export function bar(value: number, largest: number, longest = LONGEST): string {
  if (!(value > 0) || !(largest > 0)) return '';
  const eighths = Math.max(1, Math.round(Math.min(1, value / largest) * longest * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}
