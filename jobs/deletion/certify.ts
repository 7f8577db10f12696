import { createHash, randomUUID } from 'node:crypto';
import { appendAudit } from '../../audit/append-audit.js';
import { auditSigner } from '../../audit/audit-key.js';
import { signCertificate, writeCertificate } from '../../audit/ledger/deletion-certificate.js';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { withOrg } from '../../db/with-org.js';
import { enterFacts } from '../ledger/enter-facts.js';
import { deletionPart, type RunStep } from './deletion.js';
import { searchEverywhere } from './verify-nothing-left.js';

/**
 * Enters the end of the deletion in the ledger, signs the certificate, and keeps it in the directory of the ledger and in
 * the database; the entry in the audit log is that of the deployment, since the organization has none any more.
 */
export const certify: RunStep = async (context, deletion) => {
  const { configuration, operational } = context;
  const { orgId, verifiedAt } = deletion;
  if (verifiedAt === null) throw new Error('the deletion was not verified');
  const { tables, kept } = await searchEverywhere(context, deletion);
  const [entry] = await enterFacts(context, [{ event: 'DELETION_COMPLETED', organization: orgId, at: verifiedAt }]);
  if (entry === undefined) throw new Error('nothing was entered in the ledger');
  const file = signCertificate(auditSigner(configuration.auditKey, configuration.deployment), {
    type: 'bulkhead deletion certificate v1',
    deployment: configuration.deployment,
    organization: orgId,
    requestedAt: deletion.requestedAt,
    verifiedAt,
    requestedBy: { type: deletion.requestedByType, id: deletion.requestedById },
    removed: deletion.removed,
    verification: { tables, kept },
    ledger: { number: entry.number, sha256: entry.sha256 },
  });
  writeCertificate(configuration.ledgerDirectory, orgId, file);
  const deployment = systemIdentity(deploymentOrgId, deletionPart, randomUUID());
  await withOrg(operational, deployment, 'write', async (tx) => {
    await tx.sql`select platform.complete_deletion(${orgId}, ${file})`;
    const sha256 = createHash('sha256').update(file).digest('hex');
    const change = { requestedBy: deletion.requestedById, requestedAt: deletion.requestedAt, certificate: { sha256 } };
    await appendAudit(tx, {
      action: 'deleteOrganization',
      resource: organizationPath(orgId),
      outcome: 'SUCCEEDED',
      change,
    });
  });
};
