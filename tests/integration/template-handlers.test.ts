import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HandlerThreads } from '../../integrations/templates/handler-threads.js';
import { mapAnswer } from '../../integrations/templates/map-answer.js';
import { Mapping } from '../../integrations/templates/mapping.js';

let threads: HandlerThreads;

beforeAll(() => {
  threads = new HandlerThreads();
});
afterAll(() => threads.close());

const run = (body: string, document: unknown = [1, 2], orgId = 'one') =>
  threads.run(orgId, `export default ${body}`, JSON.stringify(document));
const answered = async (body: string, document?: unknown) => {
  const answer = await run(body, document);
  return 'text' in answer ? JSON.parse(answer.text) : answer;
};

describe('a handler', () => {
  it.each([
    ['a function', '(d) => d.map((x) => x + 1)', [2, 3]],
    ['a function that answers a promise', 'async (d) => { await null; return d; }', [1, 2]],
    ['toJSON', '() => ({ toJSON: () => [1] })', [1]],
    ['getters', '() => [{ get timestamp() { return 1; } }]', [{ timestamp: 1 }]],
    [
      'dates, in UTC',
      '() => [new Date(0).toString(), new Date(2020, 0, 1).toISOString()]',
      ['Thu Jan 01 1970 00:00:00 GMT+0000', '2020-01-01T00:00:00.000Z'],
    ],
    [
      'no host',
      `() => ['process', 'require', 'fetch', 'setTimeout', 'console', 'performance', 'WebAssembly', 'std', 'os',
      'Worker', 'Buffer', 'postMessage'].filter((name) => name in globalThis)`,
      [],
    ],
    [
      'no host behind a constructor',
      `() => [[].constructor.constructor('return typeof process + typeof require')(),
      (async () => {}).constructor('return this')().constructor.name]`,
      ['undefinedundefined', 'Promise'],
    ],
    ['no place of its file', '() => [JSON.stringify(import.meta), typeof document]', ['{}', 'undefined']],
  ])('has %s', async (_what, body, expected) => {
    expect(await answered(body)).toEqual(expected);
  });

  it.each([
    ['for ever', '() => { for (;;); }', /500 ms/],
    ['for ever while it is loaded', '1; for (;;);', /500 ms/],
    ['in a regular expression', "() => /^(a+)+$/.test('a'.repeat(40) + 'b')", /500 ms/],
    ['in a getter', '() => [{ get timestamp() { for (;;); } }]', /500 ms/],
    ['in a getter of an error', '() => { throw { get message() { for (;;); } }; }', /500 ms/],
    ['where the engine does not look', '() => { const a = new Uint8Array(2e7); for (;;) a.fill(1); }', /2000 ms/],
  ])('does not run %s', async (_what, body, reason) => {
    expect(await run(body)).toEqual({ reason: expect.stringMatching(reason), isLate: true });
  });

  it('does not wait for promises that promise more', async () => {
    const body = '() => { const f = () => Promise.resolve().then(f); return f(); }';
    expect(await run(body)).toEqual({ reason: expect.stringContaining('never settled') });
  });

  it.each([
    ['recursion', '() => { const f = () => 1 + f(); return f(); }', /stack overflow/],
    ['a deep text', "() => eval('['.repeat(1e6))", /stack|parse|unexpected/i],
    ['much memory', '() => { const a = []; for (;;) a.push(new Uint8Array(1e6)); }', /out of memory/],
    ['a text that doubles', "() => { let s = 'x'; for (;;) s += s; }", /too long|out of memory/],
    ['a huge text', "() => 'x'.repeat(2 ** 30)", /length/],
    ['a huge BigInt', '() => { let b = 3n; for (;;) b *= b; }', /too large/],
    ['a huge buffer', '() => [new SharedArrayBuffer(1e9).byteLength]', /out of memory/],
    ['a huge answer', "() => 'x'.repeat(4e6)", /2 MiB/],
    [
      'an answer that repeats itself',
      "() => { const a = new Array(3000).fill('y'.repeat(1000)); return a.map(() => a); }",
      /memory/,
    ],
  ])('that takes too much, as %s, is reported', async (_what, body, detail) => {
    const answer = await run(body);
    expect(answer).toEqual(expect.objectContaining({ reason: expect.any(String) }));
    // On a machine that is busy the time is over first.
    expect(Object.values(answer).join(' ')).toMatch(new RegExp(`${detail.source}|did not end within`, detail.flags));
  });

  it.each([
    ['a circle', '() => { const a = []; a.push(a); return a; }', /circular/],
    ['nothing', '() => {}', /no list/],
    ['a promise that waits', '() => new Promise(() => {})', /never settled/],
    ['an error', "() => { throw new Error('mine'); }", /Error: mine \(handler\.js:1/],
    ['a rejection', "async () => { throw new Error('mine'); }", /Error: mine/],
    ['a proxy', "() => new Proxy([], { get() { throw 'trap'; } })", /trap/],
    ['a module', "() => import('fs')", /could not load module/],
    ['no function', '5', /no function/],
    ['no JavaScript', '(', /SyntaxError/],
  ])('that answers %s is reported', async (_what, body, detail) => {
    const answer = await run(body);
    expect(answer).toEqual(expect.objectContaining({ reason: expect.any(String) }));
    expect(Object.values(answer).join(' ')).toMatch(detail);
  });

  it('has nothing of the call before', async () => {
    const leave = "() => { globalThis.left = 1; Array.prototype.left = 1; return ['left' in []]; }";
    expect([await answered(leave), await answered("() => ['left' in globalThis, 'left' in []]")]).toEqual([
      [true],
      [false, false],
    ]);
  });

  it('changes neither the way in nor the way out', async () => {
    const source = `JSON.stringify = () => 'evil'; JSON.parse = () => 'evil'; Object.prototype.timestamp = 5;
      Array.prototype.map = () => 'evil'; export default (d) => [d[0], {}.timestamp];`;
    expect(await threads.run('one', source, '[7]')).toEqual({ text: '[7,5]' });
  });

  it('pollutes nothing by what it answers', () => {
    const mapping = new Mapping();
    const evil = '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}';
    const record = (metrics: string) => `{"timestamp": 1, "metrics": ${metrics}}`;
    mapAnswer({ text: `[${evil}, ${record(evil)}, {"__proto__": ${record('{}')}}]` }, mapping);
    expect(mapping.records).toEqual([]);
    expect(mapping.report.recordsSkipped).toHaveLength(3);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('threads', () => {
  it('serve other organizations while one does what it can to be in the way', async () => {
    const loop = '() => { const a = new Uint8Array(2e7); for (;;) a.fill(1); }';
    const stuck = [1, 2].map(() => run(loop, [], 'bad'));
    let ended = 0;
    for (const each of stuck) void each.then(() => (ended += 1));
    const others = await Promise.all(['good', 'better'].map((orgId) => run('(d) => d', [3], orgId)));
    expect(others).toEqual([{ text: '[3]' }, { text: '[3]' }]);
    // The event loop was free, and the organizations did not wait behind the calls of the bad one.
    expect(ended).toBeLessThan(2);
    const late = { reason: expect.stringContaining('2000 ms'), isLate: true };
    expect(await Promise.all(stuck)).toEqual([late, late]);
  });

  it('refuse what would wait too long, and close with what is under way', async () => {
    const own = new HandlerThreads();
    const calls = Array.from({ length: 25 }, () => own.run('one', 'export default () => { for (;;); }', '1'));
    const outcomes = Promise.allSettled(calls);
    await Promise.race(calls.map((call) => call.catch(() => {})));
    await own.close();
    const refused = (await outcomes).filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(20);
    for (const outcome of refused) {
      expect((outcome as PromiseRejectedResult).reason).toMatchObject({
        code: 'UNAVAILABLE',
        details: { retryAfterMs: expect.any(Number) },
      });
    }
    await expect(own.run('one', 'export default () => 1', '1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
