import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Bucket } from '../../../bucket/bucket.js';

/** Answers to come, the first first; afterwards everything is there. */
let answers: (readonly [number, string] | 'lost')[];
const asked: string[] = [];
let server: Server;
let bucket: Bucket;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const next = answers.shift() ?? [200, ''];
    request.resume().once('end', () => {
      if (next === 'lost') request.socket.destroy();
      else response.writeHead(next[0]).end(request.method === 'HEAD' ? undefined : next[1]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket`;
  bucket = new Bucket({ url, region: 'eu-test-1', accessKeyId: 'AKIATEST', secretAccessKey: 'secret' });
});
beforeEach(() => {
  answers = [];
  asked.length = 0;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const named = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;
const list = async () => {
  const keys: string[] = [];
  for await (const { key } of bucket.list('a +')) keys.push(key);
  return keys;
};

it('asks again where a store is busy or a connection is lost, three times at most', async () => {
  answers = [[503, named('SlowDown')], 'lost', [200, 'content']];
  expect((await bucket.get('a'))?.toString()).toBe('content');
  answers = [
    [503, ''],
    [500, ''],
    [503, named('SlowDown')],
  ];
  await expect(bucket.get('a')).rejects.toThrow('the bucket answers 503 SlowDown');
  expect(asked).toHaveLength(6);
});

it('asks once where the answer stays the same, and tells what the store calls it', async () => {
  for (const [status, code, told] of [
    [403, 'RequestTimeTooSkewed', '403 RequestTimeTooSkewed: the clock'],
    [404, 'NoSuchBucket', '404 NoSuchBucket'],
    [403, '<b>', '403'],
  ] as const) {
    answers = [[status, named(code)]];
    await expect(bucket.get('a')).rejects.toThrow(`the bucket answers ${told}`);
  }
  expect(asked).toHaveLength(3);
});

it('finds that a lost answer was to a put that was done', async () => {
  answers = [[404, ''], 'lost', [412, '']];
  expect(await bucket.put('a', 'content', 'text/plain')).toBe(false);
});

it('names objects as they are, in addresses and in lists', async () => {
  await bucket.get('a b/c+d?é');
  answers = [
    [200, '<IsTruncated>false</IsTruncated><Contents><Key>a +&lt;&#x26;&#233;&amp;lt;</Key><Size>1</Size></Contents>'],
  ];
  expect(await list()).toEqual(['a +<&é&lt;']);
  expect(asked).toEqual(['GET /bucket/a%20b/c%2Bd%3F%C3%A9', 'GET /bucket?list-type=2&prefix=a%20%2B']);
});
