import { describe, expect, it } from '@jest/globals';
import { createIdentity } from '../../auth/identity.js';
import { fieldTable } from '../../auth/permissions/permissions.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { createSchema } from '../../server/schema.js';

// As a gateway without shield has it: graphql-js runs `subscribe` though shield denies, so each decides for itself.
const fields = Object.values(createSchema({ permissions: false }).getSubscriptionType()?.getFields() ?? {});
const open = ['deletions'];

describe('Subscription', () => {
  it.each(fields.filter(({ name }) => !open.includes(name)))(
    '$name refuses a key without scopes by itself',
    async (field) => {
      const identity = createIdentity({
        orgId: '00000000-0000-4000-8000-000000000000',
        actor: { type: 'API_KEY', id: 'test' },
        scopes: [],
        requestId: 'test',
        clientAddress: null,
      });
      const outcome = await Promise.resolve(field.subscribe?.({}, {}, { identity }, {} as never)).catch(
        (error) => error,
      );
      expect(outcome).toBeInstanceOf(BulkheadError);
      expect((outcome as BulkheadError).code).toBe('FORBIDDEN');
    },
  );

  it('is open to every key where each event is decided on, and nowhere else', () => {
    const inherited = Object.entries(fieldTable['Subscription'] ?? {}).filter(
      ([, access]) => access.kind === 'inherited',
    );
    expect(inherited.map(([name]) => name)).toEqual(open);
  });
});
