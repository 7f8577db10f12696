/** RFC 3339, section 5.6, `date-time`; leap seconds are left out, for no clock of a computer shows them. */
const form = /^(\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * A moment as UTC text with milliseconds, `2026-01-31T12:00:00.000Z`; undefined for what is no RFC 3339 text with an
 * offset, names a day that no calendar has, or lies outside the years 0000 to 9999 in UTC. Digits beyond the
 * milliseconds, at most nine in all, are cut off.
 */
export function readDateTime(input: string): string | undefined {
  const text = input.toUpperCase();
  const parts = form.exec(text);
  if (parts === null) return undefined;
  // JavaScript takes 30 February for 2 March: what it makes of the local time has to be that local time.
  const local = new Date(`${parts[1]}Z`);
  if (Number.isNaN(local.getTime()) || !local.toISOString().startsWith(`${parts[1]}.`)) return undefined;
  const canonical = new Date(text).toISOString();
  return canonical.length === '2026-01-31T12:00:00.000Z'.length ? canonical : undefined;
}
