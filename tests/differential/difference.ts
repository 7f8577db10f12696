import type { Answer } from './ask.js';

interface AnsweredError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: unknown;
}

interface Body {
  readonly data?: unknown;
  readonly errors?: readonly AnsweredError[];
}

/**
 * What makes two answers different, undefined if nothing does: status, headers, data to the order of their keys, and the
 * errors in any order, with path, message and extensions.
 *
 * Where a null has been passed on to a parent, GraphQL lets any one of the fields below be the reported one, and which
 * one it is depends on who was faster. So of errors below such a null only the place of the null is compared.
 */
export function differenceOf(one: Answer, other: Answer): string | undefined {
  const [oneBody, otherBody] = [one, other].map(({ text }) => JSON.parse(text) as Body) as [Body, Body];
  const [oneErrors, otherErrors] = [errorsOf(oneBody), errorsOf(otherBody)];
  return (
    unequal('keys of the answer', Object.keys(oneBody), Object.keys(otherBody)) ??
    unequal('data', oneBody.data, otherBody.data) ??
    unequal('errors', oneErrors.certain, otherErrors.certain) ??
    unequal('places of passed-on nulls', oneErrors.passedOn, otherErrors.passedOn) ??
    // Which errors there are decides the status.
    (oneErrors.passedOn.length > 0 ? undefined : unequal('status', one.status, other.status)) ??
    unequal('headers', one.headers, other.headers)
  );
}

function unequal(what: string, one: unknown, other: unknown): string | undefined {
  const [oneText = '', otherText = ''] = [JSON.stringify(one), JSON.stringify(other)];
  if (oneText === otherText) return undefined;
  let at = 0;
  while (oneText[at] === otherText[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 60), at + 60);
  return `${what} from character ${at}: …${around(oneText)}… and …${around(otherText)}…`;
}

/** Errors whose own field is null, and the places above the others. */
function errorsOf({ data, errors = [] }: Body): { certain: string[]; passedOn: string[] } {
  const certain: string[] = [];
  const passedOn = new Set<string>();
  for (const { message, path = [], extensions } of errors) {
    const depth = depthOfNull(data, path);
    if (depth < path.length) passedOn.add(JSON.stringify(path.slice(0, depth)));
    else certain.push(JSON.stringify([path, message, extensions]));
  }
  return { certain: certain.sort(), passedOn: [...passedOn].sort() };
}

/** How many steps of a path lead to the first null. */
function depthOfNull(data: unknown, path: readonly (string | number)[]): number {
  let at = data;
  for (const [index, step] of path.entries()) {
    if (at === null || at === undefined) return index;
    at = (at as Record<string | number, unknown>)[step];
  }
  return path.length;
}
