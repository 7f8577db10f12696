/** The place of something in the input, for faults: worked out only where there is one. */
export type InputPath = () => string;

/** The path of a key below another: `a.b`, or `a["b c"]` where the key is no plain word. Keys are cut at 100 characters. */
export function keyPath(parent: string, key: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(key)) return `${parent}.${key}`;
  return `${parent}[${JSON.stringify(key.slice(0, 100))}]`;
}
