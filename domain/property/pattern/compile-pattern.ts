import { parsePattern } from './parse-pattern.js';
import { PatternAutomaton } from './pattern-automaton.js';
import { PatternFault } from './pattern-fault.js';
import type { PatternNode } from './pattern-node.js';

/** Characters of a pattern at most. */
export const maxPatternLength = 200;

/** Whether the whole of a text matches a pattern. */
export type PatternMatch = (text: string) => boolean;

/**
 * Compiles the pattern of a property into an automaton that never backtracks (K. Thompson, "Regular Expression Search
 * Algorithm", CACM 11(6), 1968): a customer's pattern on a customer's text costs at most 500 states a character,
 * whatever both are. The engine of JavaScript can take ages for `(a+)+b`.
 * @param source at most 200 characters of the syntax of `parsePattern`
 * @throws PatternFault
 */
export function compilePattern(source: string): PatternMatch {
  if ([...source].length > maxPatternLength) throw new PatternFault(`must have at most ${maxPatternLength} characters`);
  const automaton = new PatternAutomaton();
  const start = build(automaton, parsePattern(source), automaton.accept);
  return (text) => automaton.matches(start, text);
}

/** The state from which a text is read that fits the node and goes on at `then`. */
function build(automaton: PatternAutomaton, node: PatternNode, then: number): number {
  switch (node.kind) {
    case 'character':
      return automaton.addCharacter(node.test, then);
    case 'sequence':
      return node.parts.reduceRight((next, part) => build(automaton, part, next), then);
    case 'choice':
      return node.options
        .map((option) => build(automaton, option, then))
        .reduceRight((other, option) => automaton.addFork(option, other));
    case 'repeat':
      return buildRepeat(automaton, node, then);
  }
}

function buildRepeat(automaton: PatternAutomaton, node: PatternNode & { kind: 'repeat' }, then: number): number {
  let start = then;
  if (node.max === Number.POSITIVE_INFINITY) {
    start = automaton.addFork(then, then);
    automaton.redirect(start, build(automaton, node.body, start));
  } else {
    for (let count = node.min; count < node.max; count += 1) {
      start = automaton.addFork(build(automaton, node.body, start), then);
    }
  }
  for (let count = 0; count < node.min; count += 1) start = build(automaton, node.body, start);
  return start;
}
