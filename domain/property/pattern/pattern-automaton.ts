import type { CharacterTest } from './character-test.js';
import { PatternFault } from './pattern-fault.js';

/** States of one automaton at most: the cost of each character of a text. */
const maxStates = 500;

/**
 * A nondeterministic automaton. A state either tests one character and goes on, or forks into two. All states that a
 * text can have reached are followed at once, so that its time is bounded by states × characters.
 */
export class PatternAutomaton {
  /** The state in which a text has matched, if it ends there. */
  readonly accept: number = 0;
  readonly #tests: (CharacterTest | undefined)[] = [undefined];
  readonly #next: number[] = [0];
  readonly #other: number[] = [0];

  /** A state that reads a character that fits the test. @throws PatternFault beyond 500 states */
  addCharacter(test: CharacterTest, next: number): number {
    return this.#add(test, next, next);
  }

  /** A state that goes on at either of two, without reading. @throws PatternFault beyond 500 states */
  addFork(next: number, other: number): number {
    return this.#add(undefined, next, other);
  }

  /** Gives a fork another first way: a loop has to be known before its body is built. */
  redirect(fork: number, next: number): void {
    this.#next[fork] = next;
  }

  /** Whether the whole text leads from the state to the accepting one. */
  matches(start: number, text: string): boolean {
    // Step in which a state was last reached: spares a set to be cleared for each character.
    const reachedAt = new Int32Array(this.#tests.length).fill(-1);
    let current: number[] = [];
    this.#reach(start, 0, reachedAt, current);
    let step = 0;
    for (const character of text) {
      step += 1;
      const codePoint = character.codePointAt(0) ?? 0;
      const following: number[] = [];
      for (const state of current) {
        if (this.#tests[state]?.(codePoint) === true) this.#reach(this.#next[state] ?? 0, step, reachedAt, following);
      }
      if (following.length === 0) return false;
      current = following;
    }
    return current.includes(this.accept);
  }

  /** Adds a state, or where it forks, those that it leads to. */
  #reach(start: number, step: number, reachedAt: Int32Array, reached: number[]): void {
    const pending = [start];
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (reachedAt[state] === step) continue;
      reachedAt[state] = step;
      if (state === this.accept || this.#tests[state] !== undefined) reached.push(state);
      else pending.push(this.#other[state] ?? 0, this.#next[state] ?? 0);
    }
  }

  #add(test: CharacterTest | undefined, next: number, other: number): number {
    if (this.#tests.length > maxStates) {
      throw new PatternFault('repeats too much: its repetitions, multiplied out, make more than 500 states');
    }
    this.#tests.push(test);
    this.#next.push(next);
    this.#other.push(other);
    return this.#tests.length - 1;
  }
}
