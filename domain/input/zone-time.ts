/** Parts of a local time. */
export interface LocalTime {
  readonly year: number;
  /** 1–12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** Longest distance between a local time and UTC. */
const dayMs = 86_400_000;

/** Those that were asked for: to make one takes longer than to use it. */
const known = new Map<string, ZoneTime>();

/** Converts local times of one zone to moments, and moments to local times. */
export class ZoneTime {
  readonly #format: Intl.DateTimeFormat | undefined;

  /**
   * The times of a zone.
   * @param zone IANA name
   * @throws RangeError for a zone that is not known
   */
  static of(zone: string): ZoneTime {
    const time = known.get(zone) ?? new ZoneTime(zone);
    known.set(zone, time);
    return time;
  }

  /**
   * @param zone IANA name, such as `Europe/Amsterdam`
   * @throws RangeError for a zone that is not known
   */
  constructor(zone: string) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    this.#format = format.resolvedOptions().timeZone === 'UTC' ? undefined : format;
  }

  /**
   * The moment, in ms since 1970, of a local time. When clocks are put back a local time comes twice: the first is meant.
   * @returns undefined for a local time that clocks skipped
   */
  toMillis(local: LocalTime): number | undefined {
    const asUtc = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second);
    const whole = this.#wholeSeconds(asUtc);
    return whole === undefined ? undefined : whole + local.millisecond;
  }

  /** The local time at a moment, in ms since 1970. */
  toLocal(atMs: number): LocalTime {
    const local = new Date(atMs + (this.#format === undefined ? 0 : offsetMs(this.#format, atMs)));
    return {
      year: local.getUTCFullYear(),
      month: local.getUTCMonth() + 1,
      day: local.getUTCDate(),
      hour: local.getUTCHours(),
      minute: local.getUTCMinutes(),
      second: local.getUTCSeconds(),
      millisecond: local.getUTCMilliseconds(),
    };
  }

  #wholeSeconds(asUtc: number): number | undefined {
    const format = this.#format;
    if (format === undefined) return asUtc;
    // Whatever the offset is, it is that of some time within a day around; two differ only where clocks change.
    const offsets = new Set([asUtc - dayMs, asUtc, asUtc + dayMs].map((atMs) => offsetMs(format, atMs)));
    const moments = [...offsets]
      .map((offset) => asUtc - offset)
      .filter((atMs) => atMs + offsetMs(format, atMs) === asUtc);
    return moments.length === 0 ? undefined : Math.min(...moments);
  }
}

/** Local time minus UTC at a moment. */
function offsetMs(format: Intl.DateTimeFormat, atMs: number): number {
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(atMs / 1000) * 1000;
}
