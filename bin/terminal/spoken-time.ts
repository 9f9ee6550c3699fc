const MINUTE = 60_000;

/** `9 min`, `3 h`, `4 d`: the unit that fits, rounded down. @param ms may be negative */
export function span(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / MINUTE);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return hours >= 2 ? `${hours} h` : `${minutes} min`;
}

/** `in 9 min`, `3 min ago`. @param ms from now */
export function fromNow(ms: number): string {
  return ms >= 0 ? `in ${span(ms)}` : `${span(ms)} ago`;
}

/** Local time: `2026-11-24 10:11:05`. @param at epoch ms */
export function localTime(at: number): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return '(no time)';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
