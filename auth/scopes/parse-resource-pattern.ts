import { definitionIdPrefixes, definitionTypeOf } from './definition-id.js';
import { isNoun, type Noun, nouns, nounsNotBuilt, parentOf, segmentKindsOf } from './noun.js';
import type { ResourcePattern } from './scope.js';
import { anyValue } from './segment-kind.js';
import { type Refuse, splitPath } from './split-path.js';

/**
 * Reads `resource { "/" resource }`, `resource = NOUN { "/" segment }`. A path that leaves out the parent of its first
 * noun means any parent: `THING/x/#` is `PLACE/#/#/THING/x/#`. Ids are brought to their canonical form, and the id of
 * a definition settles an open type before it: `DEFINITION/#/mdef_1` is `DEFINITION/Metric/mdef_1`.
 *
 * @param refuse makes the error to throw
 * @throws what `refuse` makes, for anything that is not a path of a noun
 */
export function parseResourcePattern(text: string, refuse: Refuse): ResourcePattern {
  const parts = splitPath(text, refuse);
  const segments: string[] = [];
  let previous: Noun | undefined;
  let position = 0;
  while (position < parts.length || previous === undefined) {
    const noun = readNoun(parts[position] ?? '', position + 1, previous, refuse);
    if (previous === undefined) segments.push(...openParents(noun));
    segments.push(noun, ...readSegments(noun, parts.slice(position + 1), position + 2, refuse));
    position += 1 + segmentKindsOf(noun).length;
    previous = noun;
  }
  return { noun: previous, segments };
}

function openParents(noun: Noun): string[] {
  const parent = parentOf(noun);
  return parent === undefined ? [] : [...openParents(parent), parent, ...segmentKindsOf(parent).map(() => anyValue)];
}

function readNoun(word: string, place: number, previous: Noun | undefined, refuse: Refuse): Noun {
  if (nounsNotBuilt.includes(word)) throw refuse(`${word} is known but not built yet: no key can have a scope on it`);
  const possible = nouns.filter((noun) => previous === undefined || parentOf(noun) === previous);
  if (isNoun(word) && possible.includes(word)) return word;
  if (previous !== undefined && possible.length === 0) throw refuse(`has more segments than ${formOf(previous)}`);
  if (isNoun(word.toUpperCase()) && word !== word.toUpperCase()) {
    throw refuse(`segment ${place} must be written in upper case`);
  }
  const after = previous === undefined ? '' : ` after ${formOf(previous)}`;
  throw refuse(`segment ${place} must be ${possible.join(', ')}${after}`);
}

function readSegments(noun: Noun, parts: readonly string[], firstPlace: number, refuse: Refuse): string[] {
  const kinds = segmentKindsOf(noun);
  const values = kinds.map((kind, index) => {
    const part = parts[index];
    if (part === undefined) throw refuse(`has fewer segments than ${formOf(noun)}`);
    const value = part === anyValue ? anyValue : kind.read(part);
    if (value === undefined) throw refuse(`segment ${firstPlace + index} must be ${kind.expected}, or # for any`);
    return value;
  });
  return noun === 'DEFINITION' ? settleDefinitionType(values, firstPlace, refuse) : values;
}

function settleDefinitionType(values: string[], firstPlace: number, refuse: Refuse): string[] {
  const [given = anyValue, id = anyValue] = values;
  const type = definitionTypeOf(id);
  if (type === undefined) return values;
  if (given !== anyValue && given !== type) {
    const fitting = definitionIdPrefixes[given as keyof typeof definitionIdPrefixes];
    throw refuse(`segment ${firstPlace + 1} must start with ${fitting} after ${given}`);
  }
  return [type, id];
}

function formOf(noun: Noun): string {
  return [noun, ...segmentKindsOf(noun).map((kind) => `{${kind.name}}`)].join('/');
}
