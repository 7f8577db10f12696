// Runs one throw-away PostgreSQL for as long as the process that started it lives: when the other end of our standard
// input closes, by `stop()` or because that process was killed, the server goes and its folder with it.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const { command, args, options, folder } = JSON.parse(process.argv[2] ?? '{}');
const log = join(folder, 'server.log');
const output = openSync(log, 'a');
const server = spawn(command, args, { ...options, stdio: ['ignore', output, output] });
closeSync(output);

let asked = false;
/** Immediate shutdown: nothing of this server is worth a checkpoint. */
function end() {
  asked = true;
  server.kill('SIGQUIT');
}

/** @param {string} reason */
function leave(reason) {
  if (!asked) process.stderr.write(`${reason}\n${readFileSync(log, 'utf8').slice(-2000)}`);
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = asked ? 0 : 1;
  process.stdin.destroy();
}

server.once('error', (error) => leave(error.message));
server.once('exit', (code) => leave(`PostgreSQL ended with code ${code}`));
process.stdin.resume();
process.stdin.once('end', end);
process.once('SIGINT', end);
process.once('SIGTERM', end);
