#!/usr/bin/env node
// The command `bulkhead`: starts the compiled program, and says what is missing where it cannot.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'cli', 'main.js');

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Bulkhead needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer one.\n`);
  process.exitCode = 1;
} else if (!existsSync(program)) {
  process.stderr.write('Bulkhead is not compiled yet. Run "npm install", or "npm run build" after a change.\n');
  process.exitCode = 1;
} else {
  // A reader that has seen enough, such as head, closes the pipe: that is no fault.
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const { main } = await import(pathToFileURL(program).href);
  await main(process.argv);
}
