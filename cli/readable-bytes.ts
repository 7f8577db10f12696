const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes for people: `1.3 GB`, in powers of 1000. */
export function readableBytes(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
