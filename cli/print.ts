/** Writes a text and a line feed to standard output: the result of a command. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a text and a line feed to standard error: progress and faults. */
export function printAside(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Writes a result as one line of JSON, for programs. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}
