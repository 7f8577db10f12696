import { createServer } from 'node:http';
import { openPipelinedLanes } from '../shared/lanes.mjs';
import { openChecks } from '../shared/product.mjs';
import { listen, serve } from '../shared/serve.mjs';
import { openTelemetryPools } from '../shared/telemetry-pools.mjs';
import { operations } from './operations.mjs';

/** The limit: bare node:http, one hand-written statement per store, the transaction form of the product. */
serve(async (configuration) => {
  const checks = await openChecks(configuration);
  const lanes = await openPipelinedLanes({ ...configuration, contextKey: checks.contextKey });
  const telemetryOf = openTelemetryPools(configuration);
  const answers = operations({ lanes, telemetryOf, oldest: configuration.oldest });
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      try {
        const { headers } = request;
        const identity = await checks.identify(headers);
        const { variables } = JSON.parse(Buffer.concat(chunks));
        const statement = headers['x-bench-statement'];
        const name = statement ? `${headers['x-bench-operation']}/${statement}` : headers['x-bench-operation'];
        const body = Buffer.from(await answers[name](identity, variables));
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
      } catch (error) {
        response
          .writeHead(500, { 'content-type': 'application/json' })
          .end(JSON.stringify({ errors: [String(error)] }));
      }
    });
  });
  return listen(server);
});
