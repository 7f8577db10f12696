import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { drawRequest } from '../measure/request.js';
import type { Entrant } from '../scenarios/scenario.js';
import { w7Mixed } from '../scenarios/w7-mixed.js';
import type { Manifest } from '../seed/manifest.js';
import { Random } from '../seed/random.js';

/** What has been sent, by what became of it. */
export interface SoakCounts {
  answered: number;
  /** Refused as they should be: bad documents, variables, keys and ids. */
  refused: number;
  /** Given up by the client before the answer. */
  aborted: number;
  /** Anything else: a good request that failed, or a bad one that was not refused. */
  unexpected: number;
  /** The first of these. */
  firstUnexpected: string | undefined;
}

/** Parts of all requests. */
const shares = { aborted: 0.05, refused: 0.05 };
/** Milliseconds after which an aborted request is given up, at most. */
const abortWithinMs = 20;
/** Milliseconds without an answer after which a request counts as failed. */
const timeoutMs = 30_000;

type Spoil = (body: string, headers: Record<string, string>) => { body: string; headers: Record<string, string> };

const spoils: readonly Spoil[] = [
  (_body, headers) => ({ body: JSON.stringify({ query: '{ nothing }' }), headers }),
  (_body, headers) => ({ body: '{ "query": ', headers }),
  (body, headers) => ({ body, headers: { ...headers, 'x-api-key': 'bhad_live_unknown' } }),
  (_body, headers) => ({ body: JSON.stringify({ query: '{ things(first: 1000) { nodes { id } } }' }), headers }),
  (_body, headers) => ({ body: JSON.stringify({ query: '{ thing(id: "nothing") { id } }' }), headers }),
];

/**
 * Sends the mixed load of W7 until the signal, a part of it spoilt and a part given up, by `connections` clients.
 * @param counts is kept up to date
 */
export async function soakLoad(
  url: string,
  manifest: Manifest,
  connections: number,
  counts: SoakCounts,
  signal: AbortSignal,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const entrants = w7Mixed.entrants;
  const client = async (number: number) => {
    const random = new Random(number + 1);
    while (!signal.aborted) {
      const entrant = random.of(entrants) as Entrant;
      const { headers, body } = drawRequest(w7Mixed, entrant, manifest, random);
      const kind = random.next();
      if (kind < shares.aborted) {
        await giveUp(agent, url, headers, body, random.below(abortWithinMs));
        counts.aborted += 1;
        continue;
      }
      const isSpoilt = kind < shares.aborted + shares.refused;
      const sent = isSpoilt ? random.of(spoils)(body, { ...headers }) : { body, headers: { ...headers } };
      const answer = await ask(agent, url, sent.headers, sent.body).catch((error: unknown) => String(error));
      note(counts, isSpoilt, answer);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, number) => client(number)));
  agent.destroy();
}

function note(counts: SoakCounts, isSpoilt: boolean, answer: { status: number; text: string } | string): void {
  const isRefusal = typeof answer === 'object' && answer.status < 500 && answer.text.includes('"errors"');
  const isAnswer = typeof answer === 'object' && answer.status === 200 && !answer.text.includes('"errors"');
  if (isSpoilt && isRefusal) counts.refused += 1;
  else if (!isSpoilt && isAnswer) counts.answered += 1;
  else {
    counts.unexpected += 1;
    counts.firstUnexpected ??= typeof answer === 'string' ? answer : `${answer.status} ${answer.text.slice(0, 300)}`;
  }
}

function ask(
  agent: Agent,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/graphql`, { method: 'POST', agent, headers, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends a request and closes its connection after some milliseconds, whatever has come until then. */
async function giveUp(
  agent: Agent,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  afterMs: number,
): Promise<void> {
  const sent = httpRequest(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => response.resume());
  sent.on('error', () => {});
  sent.end(body);
  await delay(afterMs);
  sent.destroy();
}
