import { readFileSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** Files that take longest, the longest first. */
const longest = JSON.parse(readFileSync(new URL('longest-files.json', import.meta.url), 'utf8'));

/**
 * Begins with the files that take longest, so that none of them is left over at the end, when the other process has nothing
 * to do any more: where jest has not run before, it would go by the size of files.
 */
// biome-ignore lint/style/noDefaultExport: jest's contract
export default class LongestFirst extends Sequencer {
  /** @param {import('@jest/test-result').Test[]} tests */
  sort(tests) {
    /** @param {{ readonly path: string }} test */
    const rankOf = ({ path }) => {
      const index = longest.findIndex((/** @type {string} */ name) => path.endsWith(`/tests/${name}.test.ts`));
      return index < 0 ? longest.length : index;
    };
    return [...super.sort(tests)].sort((one, other) => rankOf(one) - rankOf(other));
  }
}
