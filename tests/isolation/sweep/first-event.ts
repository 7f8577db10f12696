import { randomUUID } from 'node:crypto';
import type { GraphqlAnswer, GraphqlClient } from '../../support/graphql-client.js';
import type { Operation } from './operation.js';

/** What makes an event of a field that tells nothing at first; undefined if the key may not do it. */
const provocations: Readonly<Record<string, (client: GraphqlClient) => Promise<unknown>>> = {
  deletions: async (client) => {
    const input = { name: `gone-${randomUUID()}`, dataType: 'INT', defaultAggregation: 'SUM' };
    const made = await client.send('mutation ($input: CreateMetricInput!) { createMetric(input: $input) { id } }', {
      input,
    });
    const id = made.data?.createMetric?.id;
    return id && client.ok(`mutation { deleteMetric(input: { id: "${id}" }) { id } }`);
  },
};

/** Subscribes, and answers what comes first as if it were the answer to a query: a refusal, or an event. */
export async function firstEvent(
  client: GraphqlClient,
  { document, variables, path }: Operation,
): Promise<GraphqlAnswer> {
  const hangUp = new AbortController();
  const response = await fetch(`${client.url}/graphql/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': client.key ?? '' },
    body: JSON.stringify({ query: document, variables }),
    signal: hangUp.signal,
  });
  const { status, headers } = response;
  if (status !== 200) {
    const text = await response.text();
    const body = JSON.parse(text);
    return { status, headers, data: body.data, errors: body.errors, text };
  }
  try {
    const provoke = provocations[path[0] ?? ''];
    if (provoke !== undefined && !(await provoke(client))) return { status, headers, data: null, errors: [], text: '' };
    const text = await readEvent(response);
    const body = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '{}');
    return { status, headers, data: body.data, errors: body.errors ?? [], text };
  } finally {
    hangUp.abort();
  }
}

async function readEvent(response: Response): Promise<string> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const event = /event: next\ndata: .*\n\n/.exec(text)?.[0];
    if (event !== undefined) return event;
  }
  throw new Error(`the stream ended without an event: ${text}`);
}
