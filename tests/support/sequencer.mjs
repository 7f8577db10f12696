import Sequencer from '@jest/test-sequencer';

/**
 * Files that take longest, the longest first, with seconds on two idle cores: they are begun first, so that none of them
 * is left over at the end, when the other processes have nothing to do any more.
 */
const longest = [
  'differential/planned-reads',
];

/** Puts the files that take longest first, then the others as jest does. */
// biome-ignore lint/style/noDefaultExport: jest's contract
export default class LongestFirst extends Sequencer {
  /** @param {import('@jest/test-result').Test[]} tests */
  sort(tests) {
    const rank = ({ path }) => {
      const index = longest.findIndex((name) => path.endsWith(`/tests/${name}.test.ts`));
      return index < 0 ? longest.length : index;
    };
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}
