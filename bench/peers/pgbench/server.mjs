import { createServer } from 'node:http';
import { openPipelinedLanes } from '../shared/lanes.mjs';
import { openChecks } from '../shared/product.mjs';
import { listen, serve } from '../shared/serve.mjs';
import { runPgbench } from './run-pgbench.mjs';
import { scripts } from './scripts.mjs';

/**
 * pgbench is client and load generator in one. Here it is asked for a whole round (`POST /rounds`); a single request runs
 * the same statement through the driver, so that its answer can be compared.
 */
serve(async (configuration) => {
  const checks = await openChecks(configuration);
  const lanes = await openPipelinedLanes({ ...configuration, contextKey: checks.contextKey });

  const answer = async (headers, { variables }) => {
    const { purpose, statement, answer: toAnswer } = scripts[headers['x-bench-operation']];
    const identity = await checks.identify(headers);
    const [, organization, thing] =
      /^01900000-(\w{4})-7000-8000-(\w{12})$/.exec(variables.input?.id ?? variables.id) ?? [];
    const values = {
      organization: Number.parseInt(organization ?? '0', 16),
      thing: Number.parseInt(thing ?? '0', 16),
      name: Number(/\d+$/.exec(variables.input?.name ?? '0')[0]),
    };
    const parameters = [];
    const text = statement.replace(/(?<!:):(organization|thing|name)\b/g, (_, name) => {
      parameters.push(values[name]);
      return `$${parameters.length}`;
    });
    const [rows] = await lanes.run(identity, purpose, [[text, parameters]]);
    return { data: toAnswer(rows) };
  };

  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      try {
        const body = JSON.parse(Buffer.concat(chunks));
        const result =
          request.url === '/rounds' ? await runPgbench(configuration, body) : await answer(request.headers, body);
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
      } catch (error) {
        response
          .writeHead(500, { 'content-type': 'application/json' })
          .end(JSON.stringify({ errors: [String(error)] }));
      }
    });
  });
  return listen(server);
});
