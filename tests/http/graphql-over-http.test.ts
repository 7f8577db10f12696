import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuditResult, serverAudits } from 'graphql-http';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
let results: AuditResult[];

beforeAll(async () => {
  deployment = await startTestDeployment();
  const organization = await deployment.createOrganization('Audited');
  const { text } = await organization.createKey({ scopes: ['read *'] });
  const audits = serverAudits({
    url: `${deployment.gateway.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      headers.set('x-api-key', text);
      return fetch(url, { ...init, headers });
    },
  });
  results = [];
  for (const audit of audits) results.push(await audit.fn());
});
afterAll(() => deployment.stop());

const of = (level: string) => results.filter(({ name }) => name.startsWith(`${level} `));

const failures = (level: string) =>
  of(level)
    .filter((result) => result.status !== 'ok')
    .map((result) => `${result.id} ${result.name}: ${'reason' in result ? result.reason : ''}`);

describe('GraphQL over HTTP, by the audits of graphql-http', () => {
  it('is spoken in all that MUST be so', () => {
    expect(of('MUST').length).toBeGreaterThan(10);
    expect(failures('MUST')).toEqual([]);
  });

  it('is spoken in all that SHOULD be so but for the status of refused documents', () => {
    expect(of('SHOULD').length).toBeGreaterThan(20);
    // With `application/json` an answer without data SHOULD be 200, for clients of old that read nothing else. Here the
    // status says the same whatever the client accepts: one behind a proxy or a log sees that a request was refused.
    expect(failures('SHOULD')).toEqual(
      [
        '572B SHOULD use 200 status code on document parsing failure when accepting application/json',
        'FDE2 SHOULD use 200 status code on document validation failure when accepting application/json',
        '7B9B SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
      ].map((audit) => `${audit}: Response status code is not 200`),
    );
  });

  it('is spoken in all that is recommended and optional', () => {
    expect(results.filter(({ name }) => !/^(MUST|SHOULD) /.test(name)).filter(({ status }) => status !== 'ok')).toEqual(
      [],
    );
  });
});
