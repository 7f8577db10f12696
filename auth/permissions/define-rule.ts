import { rule } from 'graphql-shield';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { Identity } from '../identity.js';
import { covers } from '../scopes/covers.js';
import { overlaps } from '../scopes/overlaps.js';
import type { FieldAccess } from './field-access.js';

/** What a rule needs to see of the context of a request. */
export interface RuleContext {
  readonly identity: Identity;
}

/**
 * A shield rule for one field. Total: a decision that throws denies, with the cause kept for the log, because shield
 * would lose it; nothing is cached, because shield's caches outlive arguments or cost more than the decision.
 */
export function defineRule(field: string, access: FieldAccess): ReturnType<ReturnType<typeof rule>> {
  return rule(field, { cache: 'no_cache' })((_parent: unknown, _args: unknown, context: RuleContext) => {
    try {
      if (isAllowed(access, context.identity)) return true;
      return new BulkheadError('FORBIDDEN', `The key has no scope for ${field}`);
    } catch (cause) {
      return new BulkheadError('INTERNAL', `the rule of ${field} failed`, { cause });
    }
  });
}

/** Whether the scopes of an identity give this access. */
export function isAllowed(access: FieldAccess, identity: Identity): boolean {
  if (access.kind === 'inherited') return identity.orgId !== '';
  const path = access.path(identity);
  return access.kind === 'all'
    ? covers(identity.scopes, access.action, path)
    : overlaps(identity.scopes, access.action, path);
}
