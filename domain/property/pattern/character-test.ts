/** Whether a character, by its code point, fits one place of a pattern. */
export type CharacterTest = (codePoint: number) => boolean;

/** One character. */
export function character(codePoint: number): CharacterTest {
  return (candidate) => candidate === codePoint;
}

/** The characters from one to another, both included. */
export function range(first: number, last: number): CharacterTest {
  return (candidate) => candidate >= first && candidate <= last;
}

/** Characters that fit any of the tests. */
export function anyOf(tests: readonly CharacterTest[]): CharacterTest {
  return (candidate) => tests.some((test) => test(candidate));
}

/** Characters that do not fit the test. */
export function except(test: CharacterTest): CharacterTest {
  return (candidate) => !test(candidate);
}

/**
 * The same test, which remembers its last answer: one place of a pattern can stand for many states, each of which asks
 * about the same character before the next one comes.
 */
export function remembering(test: CharacterTest): CharacterTest {
  let last = -1;
  let answer = false;
  return (candidate) => {
    if (candidate !== last) {
      last = candidate;
      answer = test(candidate);
    }
    return answer;
  };
}

/** What the expression of a single character matches in JavaScript with the flag `u`, e.g. `\\s` or `\\p{L}`. */
export function native(expression: string): CharacterTest {
  const form = new RegExp(`^(?:${expression})$`, 'u');
  return (candidate) => form.test(String.fromCodePoint(candidate));
}
