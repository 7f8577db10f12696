import { auditPage } from '../../domain/audit/audit-page.js';
import { auditProof, latestAuditCheckpoint } from '../../domain/audit/audit-proof.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of the audit log. */
export const Query = {
  auditEvents: (_root, { first, after, filter }, { operational, identity }) =>
    auditPage(operational, identity, filter ?? {}, { first, after }),
  auditProof: (_root, { id }, { operational, identity }) => auditProof(operational, identity, id),
  auditCheckpoint: (_root, _args, { operational, identity }) => latestAuditCheckpoint(operational, identity),
} satisfies QueryResolvers;
