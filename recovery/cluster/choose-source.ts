import type { BaseBackup } from '../../backups/base/base-backup.js';
import { type Catalogue, listSystems, readCatalogue } from '../../backups/catalogue.js';
import type { SealedRepository } from '../../backups/repository/sealed-repository.js';
import { chooseBase, leftTimelines, leftTimes, newestTimeline, restorableWindow } from '../../backups/window.js';
import { momentMistake, recoveryFault } from '../recovery-fault.js';

/** From what a moment is restored. */
export interface RecoverySource {
  readonly repository: SealedRepository;
  readonly catalogue: Catalogue;
  readonly base: BaseBackup;
  /** The moment; undefined for the newest that there is. */
  readonly to: Date | undefined;
  readonly timeline: number;
}

/**
 * Finds the newest base backup that ended before a moment, in the cluster of the repository that was backed up last.
 * @param to undefined for the newest moment
 * @param named a timeline that was left, to be followed to its end (default: the newest timeline)
 * @throws BulkheadError UNAVAILABLE that names the window, for a moment that is not in it, and for the newest one when
 * WAL before it is missing
 */
export async function chooseSource(
  repository: SealedRepository,
  to: Date | undefined,
  named?: number,
): Promise<RecoverySource> {
  const catalogue = await newestCatalogue(repository);
  requireTimeline(catalogue, named);
  const timeline = named ?? newestTimeline(catalogue);
  const window = restorableWindow(catalogue, timeline);
  if (window === undefined) {
    throw recoveryFault(
      `There is no complete base backup of this deployment in ${repository.place}.${damage(catalogue)}`,
    );
  }
  const words = `from ${seconds(new Date(window.from.getTime() + 999))} to ${seconds(window.until)}`;
  if (to !== undefined && to > window.until) {
    throw momentMistake(`${seconds(to)} is later than what can be restored: give a moment ${words}.`);
  }
  const reach = chooseBase(catalogue, to ?? window.until, timeline);
  if (reach === undefined) {
    throw momentMistake(
      `${(to ?? window.until).toISOString()} is earlier than what can be restored: give a moment ${words}.` +
        damage(catalogue),
    );
  }
  if (to !== undefined && reach.until !== undefined && to > reach.until) {
    throw recoveryFault(
      `${seconds(to)} lies behind a gap in the WAL archive: ${reach.gap ?? 'a WAL file'} is missing. Whole is ${words}.`,
    );
  }
  const left =
    to === undefined
      ? undefined
      : leftTimes(catalogue, timeline, reach.base.timeline).find(({ from, until }) => from <= to && to < until);
  if (to !== undefined && left !== undefined) {
    throw momentMistake(
      `${seconds(to)} is of a time that was left when this deployment was put back to before ${seconds(left.from)}: give ` +
        `a moment before that, or one after ${seconds(left.until)}, or name the timeline that has it (backup list).`,
    );
  }
  if (to === undefined && reach.gap !== undefined) {
    throw recoveryFault(
      `WAL file ${reach.gap} is missing in ${repository.place}: what came later cannot be restored. Give a moment ` +
        `${words}, by --to.`,
    );
  }
  return { repository, catalogue, base: reach.base, to, timeline };
}

function requireTimeline(catalogue: Catalogue, named: number | undefined): void {
  const left = leftTimelines(catalogue).map(({ timeline }) => timeline);
  if (named === undefined || named === newestTimeline(catalogue) || left.includes(named)) return;
  const there = left.length === 0 ? 'none was left' : `left ${left.length === 1 ? 'is' : 'are'} ${left.join(', ')}`;
  throw momentMistake(`Nothing of timeline ${named} can be restored: ${there}. "bulkhead backup list" has them all.`);
}

async function newestCatalogue(repository: SealedRepository): Promise<Catalogue> {
  const catalogues = await Promise.all((await listSystems(repository)).map((one) => readCatalogue(repository, one)));
  // Also one whose description is damaged says which cluster it was.
  const last = ({ described }: Catalogue) => [...described].sort().at(-1) ?? '';
  const [newest] = catalogues.sort((a, b) => (last(a) < last(b) ? 1 : -1));
  if (newest === undefined) {
    throw recoveryFault(`There are no backups of this deployment in ${repository.place}: is it the right repository?`);
  }
  return newest;
}

function damage({ damaged }: Catalogue): string {
  return damaged.length === 0 ? '' : ` What is damaged may be why: ${damaged.join('; ')}.`;
}

function seconds(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}
