import { Command } from 'commander';
import { type Catalogue, listSystems, readCatalogue } from '../backups/catalogue.js';
import { planRotation } from '../backups/rotation/plan-rotation.js';
import { leftTimelines, reachOf, restorableBases, restorableWindow } from '../backups/window.js';
import { backupRules } from '../server/backup-settings.js';
import { type Configuration, loadConfiguration } from '../server/configuration.js';
import { openBackups } from './open-backups.js';
import { print, printJson } from './print.js';
import { readableBytes } from './readable-bytes.js';

/** `bulkhead backup list`. */
export function backupListCommand(): Command {
  return new Command('list')
    .description('Show the base backups in the repository, why each is kept, and which moments can be restored.')
    .option('--json', 'print {place, clusters} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead backup list
  npx bulkhead backup list --json | jq '.clusters[0].restorable'

It reads the repository and nothing else: Bulkhead need not run. Moments are in UTC.`,
    )
    .action(list);
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const configuration = loadConfiguration();
  const repository = openBackups(configuration);
  const clusters: Cluster[] = [];
  for (const system of await listSystems(repository)) {
    clusters.push(clusterOf(await readCatalogue(repository, system), configuration));
  }
  if (json) printJson({ place: repository.place, clusters });
  else print([`Repository: ${repository.place}`, ...clusters.flatMap(lines)].join('\n'));
  if (clusters.length === 0 && !json) print('Nothing is in it yet.');
}

type Cluster = ReturnType<typeof clusterOf>;

function clusterOf(catalogue: Catalogue, configuration: Configuration) {
  const { policy } = backupRules(configuration);
  const { keep } = planRotation(catalogue.bases, restorableBases(catalogue), new Date(), policy);
  const reasonsOf = new Map(keep.map(({ base, reasons }) => [base.id, reasons]));
  const window = restorableWindow(catalogue);
  const reach = reachOf(catalogue);
  return {
    system: catalogue.system,
    restorable: window ?? null,
    /** Moments of timelines that were left by a restore within this repository: `restore --timeline`. */
    left: leftTimelines(catalogue),
    walFiles: catalogue.wal.size,
    /** WAL files that are missing before later ones. */
    gaps: [...new Set(reach.flatMap(({ gap }) => gap ?? []))],
    /** Descriptions and histories that cannot be read. */
    damaged: catalogue.damaged,
    bases: catalogue.bases.map(({ id, startedAt, endedAt, timeline, bytes, storedBytes, files }) => ({
      id,
      startedAt,
      endedAt,
      timeline,
      bytes,
      storedBytes,
      files,
      keptAs: reasonsOf.get(id) ?? [],
    })),
  };
}

function lines({ system, restorable, left, walFiles, gaps, damaged, bases }: Cluster): string[] {
  const window =
    restorable === null ? 'nothing yet' : `${shortMoment(restorable.from)} to about ${shortMoment(restorable.until)}`;
  return [
    '',
    `Cluster ${system}: ${walFiles} WAL files, restorable: ${window}`,
    ...left.map(
      ({ timeline, from, until }) =>
        `  left: timeline ${timeline}, ${shortMoment(from)} to about ${shortMoment(until)}`,
    ),
    ...gaps.map((file) => `  missing: WAL file ${file}`),
    ...damaged.map((words) => `  damaged: ${words}`),
    ...bases.map(({ id, bytes, storedBytes, keptAs }) => {
      const sizes = `${readableBytes(bytes).padStart(9)}  ${readableBytes(storedBytes).padStart(9)} stored`;
      return `  ${id}  ${sizes}  ${keptAs.length === 0 ? 'goes with the next rotation' : keptAs.join(', ')}`;
    }),
  ];
}

function shortMoment(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ');
}
