import { type Hole, type HoleKind, holeEnd, holeStart } from './hole.js';

/** Where in the answer a hole is: response keys and positions in lists, as in the path of an error. */
export interface LocatedHole extends Hole {
  readonly path: readonly (string | number)[];
}

interface Level {
  readonly isList: boolean;
  key: string;
  index: number;
  isAtKey: boolean;
}

/** Finds the paths of the holes of a JSON text, in its order. Only answers with errors are looked through like this. */
export function locateHoles(text: string): LocatedHole[] {
  const found: LocatedHole[] = [];
  const levels: Level[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text.charAt(position);
    const level = levels.at(-1);
    if (character === '"') {
      const end = endOfString(text, position);
      if (level?.isAtKey) level.key = text.slice(position + 1, end);
      position = end;
    } else if (character === holeStart) {
      const end = text.indexOf(holeEnd, position);
      const path = levels.map(({ isList, index, key }) => (isList ? index : key));
      found.push({ kind: text.charAt(position + 1) as HoleKind, content: text.slice(position + 2, end), path });
      position = end;
    } else if (character === '{' || character === '[') {
      levels.push({ isList: character === '[', key: '', index: 0, isAtKey: character === '{' });
    } else if (character === '}' || character === ']') levels.pop();
    else if (character === ':' && level !== undefined) level.isAtKey = false;
    else if (character === ',' && level?.isList) level.index += 1;
    else if (character === ',' && level !== undefined) level.isAtKey = true;
    position += 1;
  }
  return found;
}

/** Position of the quote that ends the string that begins here. */
function endOfString(text: string, start: number): number {
  let position = start + 1;
  while (text.charAt(position) !== '"') position += text.charAt(position) === '\\' ? 2 : 1;
  return position;
}
