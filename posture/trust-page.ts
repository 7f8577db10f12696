import type { PromiseResult } from './judge-promises.js';
import { type Keeper, type Promised, subjects } from './promises.js';

/** Columns of a line at most. */
const maxColumns = 116;
/** Milliseconds for which a run is told: looks are made every hour, and two may be missed. */
const maxAgeMs = 3 * 3_600_000;

const keepers: Readonly<Record<Keeper, string>> = {
  PRODUCT: 'product',
  DEPLOYMENT: 'deployment',
  OPERATOR: 'operator',
};

/**
 * The promises with what became of each, as Markdown for customers: words and statuses, and no evidence, which would
 * tell of the machine.
 * @param results of the checks that were run; a promise that none of them is about says so
 */
export function promiseList(results: readonly Pick<PromiseResult, 'id' | 'status'>[]): string {
  const statusOf = new Map(results.map(({ id, status }) => [id, status.replace('_', ' ')]));
  const item = (promised: Promised) => {
    const { isTested = false } = promised;
    const found = statusOf.get(promised.id);
    const isUnseen = isTested ? found !== 'FAIL' : found === undefined && promised.reason === undefined;
    const status = isUnseen ? 'NOT LOOKED AT' : (found ?? 'NOT PROVIDED');
    const reason =
      promised.reason === undefined ? '' : ` Not ${isTested ? 'looked at' : 'provided'}: ${promised.reason}.`;
    return wrap(`- **${promised.id}** ${status}, ${keepers[promised.keeper]}. ${promised.words}${reason}`);
  };
  return subjects.map(({ title, promises }) => `## ${title}\n\n${promises.map(item).join('\n')}`).join('\n\n');
}

/**
 * The page at `/trust`.
 * @param run the last one; undefined before the first. One of more than 3 hours ago says nothing of now
 */
export function trustPage(
  run: { readonly endedAt: Date; readonly promises: readonly PromiseResult[] } | undefined,
  now: Date,
): string {
  const isOld = run !== undefined && now.getTime() - run.endedAt.getTime() > maxAgeMs;
  const results = isOld ? [] : (run?.promises ?? []);
  return `# Trust\n\n${introduction}\n\n${wrap(whenOf(run, isOld))}\n\n${promiseList(results)}\n`;
}

function whenOf(run: Parameters<typeof trustPage>[0], isOld: boolean): string {
  if (run === undefined) return 'Nothing was looked at yet: the first look is made within an hour of the start.';
  const last = `Last look: ${run.endedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
  if (isOld) return `${last} That is too long ago to say anything of now: no later look has come to its end.`;
  return `${last} ${counts(run.promises)}`;
}

/** `docs/trust.md`: the promises as the embedded default keeps them, without a time and without anything of a machine. */
export function defaultTrustPage(results: readonly Pick<PromiseResult, 'id' | 'status'>[]): string {
  return `# Trust\n\n${introduction}\n\n${ofDefault}\n\n${promiseList(results)}\n`;
}

/** What became of each promise, as a page made by `promiseList` says it. */
export function marksOf(page: string): Pick<PromiseResult, 'id' | 'status'>[] {
  return [...page.matchAll(/^- \*\*(P\d{3})\*\* (PASS|FAIL|NOT PROVIDED|NOT LOOKED AT),/gm)].map(
    ([, id = '', status = '']) => ({
      id,
      status: status.replace('LOOKED AT', 'PROVIDED').replace(' ', '_') as PromiseResult['status'],
    }),
  );
}

const ofDefault = wrap(
  'This page is of the embedded default, as `npm start` makes it, with Node.js 20 on a disk that is not encrypted. What ' +
    'a deployment says of itself is at its address `/trust`; what fails and why is in [posture.md](posture.md).',
);

/** What the page says before the promises. */
const introduction = wrap(
  'What is promised here, and whether it is kept. The deployment looks at itself every hour, at what runs and not at ' +
    'settings. PASS: it was looked at, and holds. FAIL: it does not hold here, or could not be looked at. NOT PROVIDED: ' +
    'this product or this deployment does not have it. NOT LOOKED AT: tests prove it for this version, and what runs ' +
    'cannot be asked for it; or nothing was looked at of late. Each promise says who has to keep it: the product, the way it is ' +
    'deployed, or the people who operate it.',
);

function counts(promises: readonly PromiseResult[]): string {
  const count = (status: PromiseResult['status']) => promises.filter((one) => one.status === status).length;
  return `${count('PASS')} pass, ${count('FAIL')} fail, ${count('NOT_PROVIDED')} are not provided or not looked at.`;
}

/** Breaks at spaces; what follows the first line of an item is indented. */
function wrap(text: string): string {
  const indent = text.startsWith('- ') ? '  ' : '';
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.trim() !== '' && last.length + 1 + word.length > maxColumns) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}
