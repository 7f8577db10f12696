import type { AuditEventRow } from '../../domain/audit/audit-page.js';
import { connectionOf } from '../connection.js';
import type { AuditEventConnectionResolvers, AuditEventResolvers } from '../types.generated.js';

/** Fields of entries of the audit log. */
export const AuditEvent: AuditEventResolvers = {
  resourcePath: (entry) => entry.resource,
  change: (entry) => JSON.parse(entry.change),
};

/** Fields of a page of the audit log. */
export const AuditEventConnection: AuditEventConnectionResolvers = connectionOf<AuditEventRow>();
