import { Command } from 'commander';
import { planRun, positive, type RunOptions } from './options.js';
import { defaultDataFolder } from './paths.js';
import { disturbance, disturbanceReport } from './recovery/disturbance.js';
import { emptyMachine, emptyMachineReport } from './recovery/empty-machine.js';
import { recovery, recoveryReport } from './recovery/recovery.js';
import { textReport } from './report/text-report.js';
import { writeDocument, writeResults } from './report/write-results.js';
import { run } from './run.js';
import { scale, scaleReport } from './scale/scale.js';
import { progressOnStderr } from './seed/progress.js';
import { soak } from './soak/soak.js';
import { soakReport } from './soak/soak-report.js';
import { listenForInterrupts } from './until-interrupted.js';

const progress = progressOnStderr();
listenForInterrupts();

const program = new Command('bench')
  .description('Measures Bulkhead beside its peers: CPU, throughput and latency per request.')
  .option(
    '--quick',
    'rounds of 1 s; no mercurius, no yoga; bare peers and naive-apollo in W1 only: under 5 minutes once the seed is made',
  )
  .option('--json', 'print one JSON document instead of tables')
  .option('--fresh', 'make the seed anew: runs add readings to it')
  .option('--only <scenarios>', 'some scenarios, e.g. W1,W2')
  .option('--contenders <names>', 'some contenders, e.g. bulkhead,raw')
  .option('--rounds <n>', 'rounds of each (default 3)')
  .option('--seconds <n>', 'seconds of a round (default 3, quick 1)')
  .option('--connections <n>', 'connections of the load generator (default 10)')
  .option('--data <folder>', 'folder of the seeded databases (default bench/.data)')
  .addHelpText(
    'after',
    `
Examples:
  npm run -s bench                                  everything, about half an hour
  npm run -s bench -- --quick --json > quick.json   all scenarios, one JSON document
  npm run -s bench -- --only W1,W2 --contenders bulkhead,raw --rounds 5
  npm run -s bench -- soak --minutes 60
  npm run -s bench -- scale
  npm run -s bench -- recovery
  npm run -s bench -- disturbance
  npm run -s bench -- empty-machine`,
  )
  .action(async (options: RunOptions) => {
    const result = await run(planRun(options), progress);
    const base = writeResults(result);
    progress.say(`written to ${base}.json, .md and .svg`);
    process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : textReport(result));
  });

program
  .command('soak')
  .description('W7 with refused and aborted requests; fails when memory, handles or connections grow.')
  .option('--minutes <n>', 'how long (default 60)')
  .option('--connections <n>', 'clients at once (default 20)')
  .option('--json', 'print one JSON document')
  .option('--data <folder>', 'folder of the seeded databases (default bench/.data)')
  .action(async (_options, command: Command) => {
    const { minutes, connections, json, data } = command.optsWithGlobals<RunOptions & { minutes?: string }>();
    const plan = {
      minutes: positive('--minutes', minutes, 60),
      connections: positive('--connections', connections, 20),
      dataFolder: data ?? defaultDataFolder,
    };
    const result = await soak(plan, progress);
    progress.say(`written to ${writeDocument('soak', result)}`);
    process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : soakReport(result));
    if (!result.passed) process.exitCode = 1;
  });

program
  .command('recovery')
  .description('Backs up a cluster of more than 1 GB, and restores the newest moment.')
  .option('--rows <n>', 'millions of rows of some 85 bytes (default 13)')
  .option('--json', 'print one JSON document')
  .action(async (_options, command: Command) => {
    const { rows, json } = command.optsWithGlobals<RunOptions & { rows?: string }>();
    const result = await recovery({ millionRows: positive('--rows', rows, 13) }, progress);
    progress.say(`written to ${writeDocument('recovery', result)}`);
    process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : recoveryReport(result));
  });

program
  .command('disturbance')
  .description('What requests notice of a base backup of more than 1 GB, and of WAL that is shipped.')
  .option('--rows <n>', 'millions of rows of some 85 bytes (default 13)')
  .option('--pairs <n>', 'pairs of windows of each kind (default 6)')
  .option('--seconds <n>', 'seconds of a window (default 15)')
  .option('--json', 'print one JSON document')
  .action(async (_options, command: Command) => {
    const { rows, pairs, seconds, json } = command.optsWithGlobals<RunOptions & { rows?: string; pairs?: string }>();
    const plan = {
      millionRows: positive('--rows', rows, 13),
      pairs: positive('--pairs', pairs, 6),
      requestsPerSecond: 20,
      secondsPerWindow: positive('--seconds', seconds, 15),
    };
    const result = await disturbance(plan, progress);
    progress.say(`written to ${writeDocument('disturbance', result)}`);
    process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : disturbanceReport(result));
  });

program
  .command('empty-machine')
  .description('Restores more than 1 GB where nothing is but repository, key ring and ledger; as root.')
  .option('--rows <n>', 'millions of rows of some 85 bytes (default 13)')
  .option('--json', 'print one JSON document')
  .action(async (_options, command: Command) => {
    const { rows, json } = command.optsWithGlobals<RunOptions & { rows?: string }>();
    const result = await emptyMachine({ millionRows: positive('--rows', rows, 13) }, progress);
    progress.say(`written to ${writeDocument('empty-machine', result)}`);
    process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : emptyMachineReport(result));
  });

program
  .command('scale')
  .description('The same load on 50 and on 500 organizations, and from 50 and from 300 of them.')
  .option('--rounds <n>', 'rounds of each (default 3)')
  .option('--seconds <n>', 'seconds of a round (default 4)')
  .option('--connections <n>', 'connections of the load generator (default 10)')
  .option('--json', 'print one JSON document')
  .option('--data <folder>', 'folder of the databases (default bench/.data)')
  .action(async (_options, command: Command) => {
    const { rounds, seconds, connections, json, data } = command.optsWithGlobals<RunOptions>();
    const plan = {
      rounds: positive('--rounds', rounds, 3),
      secondsPerRound: positive('--seconds', seconds, 4),
      connections: positive('--connections', connections, 10),
      dataFolder: data ?? defaultDataFolder,
    };
    const result = await scale(plan, progress);
    progress.say(`written to ${writeDocument('scale', result)}`);
    process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : scaleReport(result));
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // What was interrupted may still wait for something.
  process.exit(1);
}
