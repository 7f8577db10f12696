import type { ExportRow } from '../../db/tables/exports.js';
import { withOrg } from '../../db/with-org.js';
import { exportList } from '../../domain/export/export-list.js';
import { getExport } from '../../domain/export/get-export.js';
import { readPage } from '../../domain/read-page.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of exports. */
export const Query = {
  exports: (_root, { first, after }, { operational, identity }) =>
    readPage<ExportRow>(operational, identity, exportList, { first, after }),
  export: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getExport(tx, id)),
} satisfies QueryResolvers;
