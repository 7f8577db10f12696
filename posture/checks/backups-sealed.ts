import { type Check, notProvided, passUnless } from '../check.js';
import { repositoryFiles, sealerOf } from '../system/backups.js';

/** Objects of each kind that are looked at, the newest. */
const sample = 50;

const kinds = ['base', 'wal', 'other'];

/** WAL files are many and new: base backups would never be among the newest. */
function kindOf(file: string): string {
  return /[/\\](base|wal)[/\\]/.exec(file)?.[1] ?? 'other';
}

/** What lies in the repository is sealed: its files, where they can be seen. */
export const backupsSealed: Check = {
  id: 'backups-sealed',
  title: 'Backups are encrypted where they lie',
  look: async (context) => {
    const all = repositoryFiles(context).filter((file) => !file.endsWith('.new'));
    const files = kinds.flatMap((kind) => all.filter((file) => kindOf(file) === kind).slice(0, sample));
    if (files.length === 0) return notProvided('there is no repository in a directory of this machine');
    const open = files.filter((file) => sealerOf(file) === undefined);
    return passUnless(
      open.length === 0 ? [] : [`${open.length} of ${files.length} objects are not sealed`],
      `the newest ${files.length} of base backups, WAL and others are`,
    );
  },
};
