/** One mistake in the environment: which variable, and what is wrong with it and what to do. Never holds its value. */
export interface ConfigurationMistake {
  readonly name: string;
  readonly complaint: string;
}

/** Everything that is wrong with the configuration, at once. */
export class ConfigurationMistakes extends Error {
  readonly mistakes: readonly ConfigurationMistake[];

  constructor(mistakes: readonly ConfigurationMistake[]) {
    const lines = mistakes.map(({ name, complaint }) => `  ${name} ${complaint}.`);
    const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
    super(`The configuration has ${count}:\n${lines.join('\n')}\nAll settings: docs/configuration.md.`);
    this.name = 'ConfigurationMistakes';
    this.mistakes = mistakes;
  }
}
