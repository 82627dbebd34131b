/** Seconds as a person says them; a dash for none. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) {
    return '–';
  }
  if (seconds < 60) {
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Bytes in the unit that fits. */
export function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = count;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A moment in the reader's own time. */
export function moment(iso) {
  return iso === null ? '–' : new Date(iso).toLocaleString(undefined, {dateStyle: 'medium', timeStyle: 'short'});
}

/** A figure with so many digits after the point. */
export function figure(value, digits) {
  return value === undefined || value === null ? '–' : value.toFixed(digits);
}
