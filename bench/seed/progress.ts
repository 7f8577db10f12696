/** Lines for whoever waits, on standard error: standard output is for results. */
export interface Progress {
  say(line: string): void;
}

/** Prints each line with the seconds since the start. */
export function progressOnStderr(): Progress {
  const started = Date.now();
  return {
    say: (line) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
      process.stderr.write(`${seconds} s  ${line}\n`);
    },
  };
}
