/** A made-up signal: the value of a metric of one thing at a moment. The same arguments always give the same value. */
type Signal = (seed: number, atMs: number) => number | boolean;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Where the odometers stood at zero: 2024-01-01. */
const odometerStartMs = Date.UTC(2024, 0, 1);

const signals: Readonly<Record<string, Signal>> = {
  Temperature: (seed, atMs) =>
    round(18 + 6 * share(seed, 1) + 2.5 * daily(atMs, 15) + 1.2 * noise(seed, atMs, hourMs), 2),
  Humidity: (seed, atMs) =>
    round(52 + 10 * share(seed, 2) - 6 * daily(atMs, 15) + 5 * noise(seed + 1, atMs, hourMs), 1),
  CO2: (seed, atMs) => Math.round(430 + 450 * presence(seed, atMs) + 40 * noise(seed + 2, atMs, hourMs / 4)),
  Occupied: (seed, atMs) => presence(seed, atMs) > 0.35,
  Speed: (seed, atMs) => round(Math.max(0, 70 * (presence(seed, atMs) - 0.2) + 9 * noise(seed + 3, atMs, 120_000)), 1),
  Battery: (seed, atMs) => round(68 - 24 * daily(atMs, 18) + 4 * noise(seed + 4, atMs, 2 * hourMs), 1),
  Odometer: (seed, atMs) => Math.floor(20_000 * share(seed, 5) + ((atMs - odometerStartMs) / dayMs) * 140),
};

/** Values of those of the metrics that there is a signal for, by name. */
export function signalValues(
  thingId: string,
  names: readonly string[],
  atMs: number,
): Record<string, number | boolean> {
  const seed = hash(thingId, 0);
  return Object.fromEntries(
    names.flatMap((name) => {
      const signal = signals[name];
      return signal === undefined ? [] : [[name, signal(seed, atMs)]];
    }),
  );
}

/** A curve of one day, −1 to 1, highest at the given hour (UTC). */
function daily(atMs: number, peakHour: number): number {
  return Math.cos(((atMs - peakHour * hourMs) / dayMs) * 2 * Math.PI);
}

/** How busy a working day is at a moment, 0 to 1: from six to eighteen o'clock, coming and going. */
function presence(seed: number, atMs: number): number {
  const hour = (atMs % dayMs) / hourMs;
  if (hour < 6 || hour > 18) return 0;
  return Math.sin(((hour - 6) / 12) * Math.PI) * (0.6 + 0.4 * noise(seed + 9, atMs, hourMs / 2));
}

/** Value noise, −1 to 1: random at multiples of the step, smooth between them. */
function noise(seed: number, atMs: number, stepMs: number): number {
  const step = Math.floor(atMs / stepMs);
  const part = atMs / stepMs - step;
  const smooth = part * part * (3 - 2 * part);
  return 2 * (share(seed, step) * (1 - smooth) + share(seed, step + 1) * smooth) - 1;
}

/** A number of 0 to 1 that seems random. */
function share(seed: number, index: number): number {
  return hash(`${seed}:${index}`, 0x9e3779b9) / 2 ** 32;
}

/** FNV-1a, 32 bits, with a last mixing step (murmur3), so that neighbouring indexes differ in all bits. */
function hash(text: string, offset: number): number {
  let state = 0x811c9dc5 ^ offset;
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
