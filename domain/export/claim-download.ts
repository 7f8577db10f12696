import { randomUUID } from 'node:crypto';
import { identityToRecipient } from 'age-encryption';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError, notFound } from '../../errors/bulkhead-error.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import { requireUuid } from '../input/id.js';
import { requireWhole } from './require-whole.js';

/** Seconds for which a claim holds unless it is renewed: a gateway that was killed holds an archive no longer. */
const claimSeconds = 60;
/** Downloads of one archive that may begin, each after one that broke. */
const maxDownloads = 20;

/** The right to send one archive, held by one request. */
export interface DownloadClaim {
  readonly exportId: string;
  readonly downloadId: string;
  /** Bytes of the archive. */
  readonly archiveBytes: number;
}

/**
 * Claims an archive for one download. One at a time: of requests at once one gets it.
 * @param token as it was shown, the key that opens the archive
 * @throws BulkheadError FORBIDDEN; NOT_FOUND for an export that is not there, not ready, expired or fetched, and for a
 * wrong token alike; CONFLICT while another download is under way; LIMIT_EXCEEDED after 20 broken ones
 */
export async function claimDownload(tx: OrgTransaction, id: string, token: string): Promise<DownloadClaim> {
  requireWhole(tx.identity);
  const exportId = requireUuid(id, 'export');
  const recipient = await recipientOf(token);
  if (recipient === undefined) throw notFound('export');
  const [row] = await tx.sql<{ archiveBytes: string; isClaimed: boolean; downloadsBegun: number }[]>`
    select archive_bytes::text as "archiveBytes", downloads_begun as "downloadsBegun",
           coalesce(claimed_until > clock_timestamp(), false) as "isClaimed"
    from app.exports
    where org_id = ${tx.orgId} and id = ${exportId} and recipient = ${recipient}
      and state = 'READY' and expires_at > clock_timestamp()
    for update`;
  if (row === undefined) throw notFound('export');
  if (row.isClaimed) throw new BulkheadError('CONFLICT', 'The archive is being downloaded by another request');
  if (row.downloadsBegun >= maxDownloads) {
    throw new BulkheadError(
      'LIMIT_EXCEEDED',
      `${maxDownloads} downloads of the archive were broken off: make another export`,
    );
  }
  const downloadId = randomUUID();
  await tx.sql`
    update app.exports
    set download_id = ${downloadId}, claimed_until = clock_timestamp() + make_interval(secs => ${claimSeconds}),
        downloads_begun = downloads_begun + 1
    where org_id = ${tx.orgId} and id = ${exportId}`;
  return { exportId, downloadId, archiveBytes: Number(row.archiveBytes) };
}

/** Prolongs a claim; false when it holds no longer: the archive has expired, was cancelled, or is claimed anew. */
export async function renewClaim(tx: OrgTransaction, { exportId, downloadId }: DownloadClaim): Promise<boolean> {
  const rows = await tx.sql`
    update app.exports set claimed_until = clock_timestamp() + make_interval(secs => ${claimSeconds})
    where org_id = ${tx.orgId} and id = ${exportId} and download_id = ${downloadId}
      and state = 'READY' and expires_at > clock_timestamp()
    returning id`;
  return rows.length > 0;
}

/** Gives a claim back after a download that broke: the archive can be fetched again, or from where it broke. */
export async function releaseClaim(tx: OrgTransaction, { exportId, downloadId }: DownloadClaim): Promise<void> {
  await tx.sql`
    update app.exports set download_id = null, claimed_until = null
    where org_id = ${tx.orgId} and id = ${exportId} and download_id = ${downloadId} and state = 'READY'`;
}

/** Notes that an archive was sent whole: it cannot be fetched again, and its file is removed. */
export async function finishDownload(tx: OrgTransaction, { exportId, downloadId }: DownloadClaim): Promise<void> {
  await tx.sql`
    update app.exports set state = 'DOWNLOADED', ended_at = clock_timestamp(), download_id = null, claimed_until = null
    where org_id = ${tx.orgId} and id = ${exportId} and download_id = ${downloadId} and state = 'READY'`;
  await enqueueJob(tx, 'removeArchive', { exportId });
}

/** The public half of a token; undefined for a text that is none. */
async function recipientOf(token: string): Promise<string | undefined> {
  if (!/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/.test(token)) return undefined;
  return identityToRecipient(token).catch(() => undefined);
}
