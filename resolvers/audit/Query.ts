import { auditPage } from '../../domain/audit/audit-page.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of the audit log. */
export const Query = {
  auditEvents: (_root, { first, after, filter }, { operational, identity }) =>
    auditPage(operational, identity, filter ?? {}, { first, after }),
} satisfies QueryResolvers;
