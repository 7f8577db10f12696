import { join } from 'node:path';
import { validate } from 'uuid';

/** Directory of the archives of one organization. */
export function archiveDirectory(exportDirectory: string, orgId: string): string {
  return join(exportDirectory, uuidOf(orgId));
}

/** File of an archive: below the directory of archives, by ids that are UUIDs and cannot lead out of it. */
export function archivePath(exportDirectory: string, orgId: string, exportId: string): string {
  return join(archiveDirectory(exportDirectory, orgId), `${uuidOf(exportId)}.age`);
}

/** Id of the export that a file of an archive belongs to, also of one that is half written; undefined for other files. */
export function exportOfFile(name: string): string | undefined {
  const id = /^([0-9a-f-]{36})\.age(\.part)?$/.exec(name)?.[1];
  return id !== undefined && validate(id) ? id : undefined;
}

function uuidOf(id: string): string {
  if (!validate(id)) throw new Error('an archive is named by UUIDs');
  return id;
}
