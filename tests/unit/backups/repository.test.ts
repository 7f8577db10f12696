import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BaseBackup } from '../../../backups/base/base-backup.js';
import { readCatalogue } from '../../../backups/catalogue.js';
import { BucketRepository } from '../../../backups/repository/bucket-repository.js';
import { countByKey } from '../../../backups/repository/count-by-key.js';
import { DirectoryRepository } from '../../../backups/repository/directory-repository.js';
import type { Repository } from '../../../backups/repository/repository.js';
import { openObject, sealObject } from '../../../backups/repository/seal-object.js';
import { SealedRepository } from '../../../backups/repository/sealed-repository.js';
import { rotate, spoiltBases } from '../../../backups/rotation/rotate.js';
import { HeldKeys, keyIdOf } from '../../../vault/held-keys.js';

const keys = new HeldKeys([randomBytes(32)]);
const directory = mkdtempSync(join(tmpdir(), 'bulkhead-repository-'));
/** Objects of a bucket of S3-compatible storage, which lists two at a time. */
const objects = new Map<string, Buffer>();
let server: Server;
const repositories = new Map<string, Repository>([['directory', new DirectoryRepository(directory)]]);

beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://bucket');
      const name = pathname.replace(/^\/(?:bucket|careless|old)\//, '');
      const answer = (status: number, body: Buffer | string = '') => response.writeHead(status).end(body);
      if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) return answer(403);
      if (request.method === 'DELETE') return answer(objects.delete(name) ? 204 : 404);
      if (request.method === 'GET' && searchParams.has('list-type')) return answer(200, listOf(searchParams));
      if (request.method === 'HEAD') return answer(objects.has(name) ? 200 : 404);
      if (request.method === 'GET') return objects.has(name) ? answer(200, objects.get(name)) : answer(404);
      const isConditional = request.headers['if-none-match'] === '*';
      if (isConditional && pathname.startsWith('/old/')) return answer(501);
      if (!isConditional && !pathname.startsWith('/old/')) return answer(400);
      if (objects.has(name) && pathname.startsWith('/bucket/')) return answer(412);
      objects.set(name, Buffer.concat(parts));
      return answer(200);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket`;
  repositories.set(
    'bucket',
    new BucketRepository({ url, region: 'eu-test-1', accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }),
  );
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

function listOf(query: URLSearchParams): string {
  const after = query.get('continuation-token') ?? '';
  const names = [...objects.keys()].sort().filter((name) => name.startsWith(query.get('prefix') ?? '') && name > after);
  const entries = names.slice(0, 2).map((name) => {
    const size = objects.get(name)?.length;
    return `<Contents><Key>${name}</Key><LastModified>2027-01-01T00:00:00.000Z</LastModified><Size>${size}</Size></Contents>`;
  });
  const more = names.length > 2 ? `<NextContinuationToken>${names[1]}</NextContinuationToken>` : '';
  return `<ListBucketResult><IsTruncated>${names.length > 2}</IsTruncated>${more}${entries.join('')}</ListBucketResult>`;
}

describe.each(['directory', 'bucket'])('a repository in a %s', (kind) => {
  const open = () => new SealedRepository(repositories.get(kind) as Repository, keys, 'deployment');

  it('keeps what it was given first, and accepts the same again', async () => {
    const repository = open();
    const content = randomBytes(100_000);
    await repository.put('1/wal/a', content);
    expect(await repository.get('1/wal/a')).toEqual(content);
    await repository.put('1/wal/a', content);
    await expect(repository.put('1/wal/a', randomBytes(10))).rejects.toThrow(
      /deployment\/1\/wal\/a is already in .*, with another content/,
    );
    expect(await repository.get('1/wal/a')).toEqual(content);
    expect(await repository.get('1/wal/b')).toBeUndefined();
  });

  it('lists what is in a folder, and removes', async () => {
    const repository = open();
    for (const name of ['1/base/x/1', '1/base/x/2', '1/base/y/1', '2/base/x/1'])
      await repository.put(name, Buffer.from(name));
    const names = async () => {
      const found: string[] = [];
      for await (const { name, bytes } of repository.list('1/base/')) {
        expect(bytes).toBeGreaterThan(40);
        found.push(name);
      }
      return found.sort();
    };
    expect(await names()).toEqual(['1/base/x/1', '1/base/x/2', '1/base/y/1']);
    await repository.remove('1/base/x/2');
    await repository.remove('1/base/x/2');
    expect(await names()).toEqual(['1/base/x/1', '1/base/y/1']);
  });

  it('opens nothing that was changed, cut or put in the place of another', async () => {
    const repository = open();
    const raw = repositories.get(kind) as Repository;
    await repository.put('3/a', Buffer.from('one'));
    const sealed = (await raw.get('deployment/3/a')) as Buffer;
    await raw.put('deployment/3/b', sealed);
    await expect(repository.get('3/b')).rejects.toThrow('deployment/3/b does not open');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(openObject(keys, 'deployment/3/a', changed)).rejects.toThrow('does not open');
    }
    await expect(openObject(keys, 'deployment/3/a', sealed.subarray(0, -1))).rejects.toThrow('does not open');
    await expect(openObject(new HeldKeys([randomBytes(32)]), 'deployment/3/a', sealed)).rejects.toThrow(
      'does not open',
    );
  });

  it('refuses names that lead elsewhere', async () => {
    await expect(open().put('../a', Buffer.from('a'))).rejects.toThrow('no name of an object');
  });
});

describe('a repository', () => {
  it.each([
    ['ignores', 'careless'],
    ['refuses', 'old'],
  ])('in a bucket whose store %s If-None-Match writes nothing over', async (_does, path) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
    const bucket = new BucketRepository({
      url,
      region: 'eu-test-1',
      accessKeyId: 'AKIATEST',
      secretAccessKey: 'secret',
    });
    expect(await bucket.put(path, Buffer.from('first'))).toBe(true);
    expect(await bucket.put(path, Buffer.from('second'))).toBe(false);
    expect(await bucket.get(path)).toEqual(Buffer.from('first'));
  });

  it('holds nothing that can be read, and no two alike', async () => {
    const content = Buffer.from('CANARY '.repeat(100));
    const [one, two] = [await sealObject(keys, 'a', content), await sealObject(keys, 'a', content)];
    expect(one.includes('CANARY')).toBe(false);
    expect(one.equals(two)).toBe(false);
  });

  it.each(['directory', 'bucket'])('in a %s opens what retired keys have sealed', async (kind) => {
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const held = new HeldKeys([first]);
    const repository = new SealedRepository(repositories.get(kind) as Repository, held, 'rotated');
    await repository.put('before', Buffer.from('before'));
    held.replace([second, first]);
    await repository.put('after', Buffer.from('after'));
    expect(await repository.get('before')).toEqual(Buffer.from('before'));
    expect(await repository.put('before', Buffer.from('before'))).toBeGreaterThan(0);
    expect(Object.fromEntries(await countByKey(repository))).toEqual({ [keyIdOf(first)]: 1, [keyIdOf(second)]: 1 });
    held.replace([second]);
    expect(await repository.get('after')).toEqual(Buffer.from('after'));
    await expect(repository.get('before')).rejects.toThrow(`the key ${keyIdOf(first)} that has sealed this is not in`);
  });

  it('in a directory goes on after a crash in the middle of a file', async () => {
    const repository = new DirectoryRepository(directory);
    await repository.put('crash/other', Buffer.from('other'));
    writeFileSync(join(directory, 'crash', 'file.new'), 'half');
    // Somebody may be writing it.
    await expect(repository.put('crash/file', Buffer.from('whole'))).rejects.toThrow('EEXIST');
    const longAgo = new Date(Date.now() - 61_000);
    utimesSync(join(directory, 'crash', 'file.new'), longAgo, longAgo);
    expect(await repository.put('crash/file', Buffer.from('whole'))).toBe(true);
    expect(readdirSync(join(directory, 'crash')).sort()).toEqual(['file', 'other']);
    expect(readFileSync(join(directory, 'crash', 'file'), 'utf8')).toBe('whole');
  });

  it('is read past a description and a history that are damaged, which are named', async () => {
    const repository = new SealedRepository(repositories.get('directory') as Repository, keys, 'damage');
    const put = async (name: string, content: string) => {
      await repository.put(name, Buffer.from(content));
      return join(directory, 'damage', name);
    };
    const flipped = [
      await put('7/base/20270101T040000Z/description', '{}'),
      await put('7/wal/00000003/00000003.history', '1\t0/3000000\tno recovery target specified\n'),
    ];
    await put('7/base/20270102T040000Z/description', '{"format": 2}');
    await put('7/wal/00000002/00000002.history', '1\t0/2000000\tno recovery target specified\n');
    for (const file of flipped) {
      const content = readFileSync(file);
      content[content.length >> 1]! ^= 1;
      rmSync(file);
      writeFileSync(file, content);
    }
    const { damaged, bases, described, histories } = await readCatalogue(repository, '7');
    expect([...damaged].sort()).toEqual([
      expect.stringContaining('20270102T040000Z/description is not to be understood'),
      expect.stringContaining('20270101T040000Z/description does not open'),
      expect.stringContaining('00000003.history does not open'),
    ]);
    expect([bases, described.length, [...histories.keys()]]).toEqual([[], 2, [2]]);
  });

  it('is rotated without what is left of a base backup that was completed', async () => {
    const repository = new SealedRepository(repositories.get('directory') as Repository, keys, 'spoilt');
    for (const id of ['20270101T040000Z', '20270102T040000Z']) {
      await repository.put(`9/base/${id}/base.tar/000001`, Buffer.from(id));
    }
    const found = await readCatalogue(repository, '9');
    const catalogue = { ...found, bases: [{ id: '20270103T040000Z' } as BaseBackup] };
    const completed = spoiltBases(catalogue, ['20270101T040000Z', '20270103T040000Z']);
    const plan = { keep: [], expire: [], isWalNeeded: () => true };
    await rotate(repository, catalogue, plan, completed, new AbortController().signal);
    expect((await readCatalogue(repository, '9')).unfinished).toEqual(['20270101T040000Z']);
  });
});
