import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Bucket, type BucketAddress, type ListedObject } from '../../bucket/bucket.js';
import { makeBucket, signalStore, store, untilStored } from './store.js';

jest.setTimeout(120_000);

let address: BucketAddress;
let bucket: Bucket;
const text = 'text/plain; charset=utf-8';

beforeAll(async () => {
  address = await makeBucket('objects');
  bucket = new Bucket(address, 60_000);
});

async function listed(prefix: string): Promise<ListedObject[]> {
  const found: ListedObject[] = [];
  for await (const object of bucket.list(prefix)) found.push(object);
  return found;
}

describe('an object', () => {
  it('is stored once, read, listed and removed', async () => {
    expect(await bucket.put('one/a', 'first', text)).toBe(true);
    expect(await bucket.put('one/a', 'second', text)).toBe(false);
    expect((await bucket.get('one/a'))?.toString()).toBe('first');
    const [object] = await listed('one/');
    expect(object).toMatchObject({ key: 'one/a', bytes: 5 });
    expect(Math.abs(Date.now() - Number(object?.modifiedAt))).toBeLessThan(60_000);
    await bucket.remove('one/a');
    await bucket.remove('one/a');
    expect(await bucket.get('one/a')).toBeUndefined();
    expect(await listed('one/')).toEqual([]);
  });

  it('is stored by one of many that write at the same time: the store keeps to If-None-Match', async () => {
    for (let round = 0; round < 5; round += 1) {
      const writers = Array.from({ length: 16 }, (_, writer) => bucket.put(`race/${round}`, `${writer}`, text));
      const won = (await Promise.all(writers)).flatMap((isStored, writer) => (isStored ? [`${writer}`] : []));
      expect(won).toEqual([(await bucket.get(`race/${round}`))?.toString()]);
    }
  });

  it('may have any name that a URL can carry', async () => {
    const names = ['a b', 'a+b', 'a&b;c', '<a>', 'a"b', "a'b", 'a%2Fb', 'a?b#c', 'ä/日本', '(a)!*~', 'a=b', 'a:b@c,$'];
    for (const name of names) {
      const key = `odd/${name}`;
      expect([name, await bucket.put(key, name, text)]).toEqual([name, true]);
      expect((await bucket.get(key))?.toString()).toBe(name);
      expect((await listed(key)).map((object) => object.key)).toEqual([key]);
    }
    expect((await listed('odd/')).map(({ key }) => key).sort()).toEqual(names.map((name) => `odd/${name}`).sort());
    for (const name of names) await bucket.remove(`odd/${name}`);
    expect(await listed('odd/')).toEqual([]);
  });

  it('may be far larger than any that Bulkhead stores', async () => {
    const content = randomBytes(192 * 1024 * 1024);
    await bucket.put('large', content, 'application/octet-stream');
    expect((await bucket.get('large'))?.equals(content)).toBe(true);
    await bucket.remove('large');
  });
});

it('lists more objects than come at once, each once and in order', async () => {
  const keys = Array.from({ length: 2345 }, (_, index) => `many/${String(index).padStart(5, '0')}+&<`);
  for (let at = 0; at < keys.length; at += 50) {
    await Promise.all(keys.slice(at, at + 50).map((key) => bucket.put(key, key, text)));
  }
  expect((await listed('many/')).map(({ key }) => key)).toEqual(keys);
});

describe('a fault', () => {
  const faultOf = (other: Partial<BucketAddress>) => new Bucket({ ...address, ...other }, 2000);

  it('is told with what the store calls it', async () => {
    const wrong = faultOf({ secretAccessKey: 'wrong' });
    for (const attempt of [() => wrong.put('a', 'a', text), () => wrong.get('a'), () => listOf(wrong)]) {
      await expect(attempt()).rejects.toThrow('the bucket answers 403 SignatureDoesNotMatch: look at the secret');
    }
    await expect(faultOf({ accessKeyId: 'UNKNOWN' }).get('a')).rejects.toThrow(
      'the bucket answers 403 InvalidAccessKeyId',
    );
    const gone = faultOf({ url: `${store.url}/no-such-bucket` });
    for (const attempt of [
      () => gone.put('a', 'a', text),
      () => gone.get('a'),
      () => gone.remove('a'),
      () => listOf(gone),
    ]) {
      await expect(attempt()).rejects.toThrow('the bucket answers 404 NoSuchBucket');
    }
    await expect(faultOf({ url: 'http://127.0.0.1:9/bucket' }).get('a')).rejects.toThrow('is not reached: ');
  });

  it('of the clock is told as one', async () => {
    jest.useFakeTimers({ now: Date.now() + 3_600_000, doNotFake: notFaked });
    try {
      await expect(bucket.get('a')).rejects.toThrow('403 RequestTimeTooSkewed: the clock of this machine');
    } finally {
      jest.useRealTimers();
    }
  });

  it('of a store that hangs ends by the time-out, and is over when that goes on', async () => {
    signalStore('SIGSTOP');
    try {
      await expect(faultOf({}).get('a')).rejects.toThrow('the bucket has not answered within 2 s');
    } finally {
      signalStore('SIGCONT');
    }
    await untilStored();
    expect(await bucket.get('a')).toBeUndefined();
  });

  it('that passes is tried again', async () => {
    const answers = [503, 500];
    const real = globalThis.fetch;
    const spied = jest.spyOn(globalThis, 'fetch').mockImplementation(async (...given) => {
      const status = answers.pop();
      return status === undefined ? real(...given) : new Response('', { status });
    });
    expect(await bucket.get('a')).toBeUndefined();
    expect([answers, spied.mock.calls.length]).toEqual([[], 3]);
    spied.mockRestore();
  });
});

async function listOf(one: Bucket): Promise<void> {
  for await (const _ of one.list('a'));
}

/** All but the clock. */
const notFaked = [
  ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const),
  ...(['nextTick', 'queueMicrotask', 'performance', 'hrtime'] as const),
];
