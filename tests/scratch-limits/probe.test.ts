import { it } from '@jest/globals';
import { startTestDeployment } from '../support/test-deployment.js';
it('probe', async () => {
  const d = await startTestDeployment();
  const o = await d.createOrganization('A');
  const key = o.client.key!;
  const go = async (name: string, init: any, path = '/graphql') => {
    const r = await fetch(d.gateway.url + path, { redirect: 'manual', ...init, headers: { 'x-api-key': key, ...(init.headers ?? {}) } });
    const t = await r.text();
    process.stdout.write(`${name}: ${r.status}\n   ${t.slice(0, 420)}\n`);
  };
  const post = (query: unknown, variables?: unknown, extra: any = {}) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables, ...extra }) });
  await go('type null', post('query($n: String = "Site"){__type(name:$n){name}}', { n: null }));
  await go('skip null', post('query($n: Boolean = true){me @skip(if:$n){name}}', { n: null }));
  await go('intro aliases', post(`{__schema{${Array.from({length:16},(_, i) => `a${i}: types{name}`).join(' ')}}}`));
  for (const n of [1000, 3000, 5000, 10000, 200000])
  await go('deep attr', { method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"query":"mutation($i: CreateSiteInput!){createSite(input:$i){id}}","variables":{"i":{"name":"x","latitude":1,"longitude":1,"address":"","attributes":{"a":${'['.repeat(n)}${']'.repeat(n)}}}}}` });
  const a = await o.client.ok('{auditEvents(first: 10){nodes{action outcome}}}');
  process.stdout.write(JSON.stringify(a) + '\n');
  const b = await o.client.send('{auditEvents(first: 10){nodes{action outcome change}}}');
  process.stdout.write(b.text.length + b.text.slice(0, 300) + '\n');
  process.stdout.write(d.logLines.filter((l) => !l.includes('"level":30')).join(''));
  await d.stop();
});
