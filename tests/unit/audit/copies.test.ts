import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { putSegment } from '../../../audit/archive/archive-bucket.js';
import { sendCheckpoint } from '../../../audit/archive/checkpoint-webhook.js';

const credentials = { region: 'eu-test-1', accessKeyId: 'AKIATEST', secretAccessKey: 'secret/of+the/bucket' };
const objects = new Map<string, string>();
const notices: unknown[] = [];
let server: Server;
let url: string;

/** The signature of a request by AWS Signature Version 4, computed from its documentation. */
function signatureOf(request: IncomingMessage, body: string): string {
  const [, scope = '', signed = ''] =
    /Credential=[^/]+\/([^,]+), ?SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '') ?? [];
  const { pathname } = new URL(request.url ?? '', url);
  const headers = signed.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const payload = String(request.headers['x-amz-content-sha256']);
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== createHash('sha256').update(body).digest('hex'))
    return 'other body';
  const canonical = [request.method, pathname, '', headers.join(''), signed, payload].join('\n');
  const [date = '', region = '', service = '', end = ''] = scope.split('/');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = hmac(hmac(hmac(hmac(`AWS4${credentials.secretAccessKey}`, date), region), service), end);
  const digest = createHash('sha256').update(canonical).digest('hex');
  return hmac(key, ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, digest].join('\n')).toString('hex');
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      const answer = (status: number, text = '') => response.writeHead(status).end(text);
      if (path === '/hook') {
        notices.push(JSON.parse(body));
        return answer(204);
      }
      if (path === '/moved') return response.writeHead(307, { location: `${url}/hook` }).end();
      if (!request.headers.authorization?.endsWith(`Signature=${signatureOf(request, body)}`)) return answer(403);
      if (request.method === 'HEAD') return answer(objects.has(path) ? 200 : 404);
      if (request.method === 'GET') return answer(200, objects.get(path));
      if (request.headers['if-none-match'] !== '*') return answer(400);
      if (objects.has(path)) return answer(412);
      objects.set(path, body);
      return answer(200);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('a bucket', () => {
  const place = { generation: 1, number: 12_345 };

  it('gets every segment once, by signed requests, and is never written over', async () => {
    const bucket = { url: `${url}/bucket/audit`, ...credentials };
    expect(await putSegment(bucket, place, 'segment')).toBe('written');
    expect([...objects]).toEqual([['/bucket/audit/1/000012/000012345.segment', 'segment']]);
    expect(await putSegment(bucket, place, 'segment')).toBe('same');
    expect(await putSegment(bucket, place, 'another')).toBe('conflict');
    expect(objects.size).toBe(1);
  });

  it('that refuses is a failure', async () => {
    const bucket = { url: `${url}/bucket`, ...credentials, secretAccessKey: 'wrong' };
    await expect(putSegment(bucket, place, 'segment')).rejects.toThrow('the bucket answers 403');
  });
});

describe('the webhook', () => {
  const notice = { generation: 1, number: 1, size: 3, checkpoint: 'note', sha256: '00' };

  it('gets the checkpoint, and is not followed elsewhere', async () => {
    await sendCheckpoint(`${url}/hook`, notice);
    expect(notices).toEqual([notice]);
    await expect(sendCheckpoint(`${url}/moved`, notice)).rejects.toThrow();
    await expect(sendCheckpoint(`${url}/bucket`, notice)).rejects.toThrow('the webhook answers 403');
    expect(notices).toHaveLength(1);
  });
});
