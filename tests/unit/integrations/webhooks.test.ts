import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { delayBeforeNext, maxAttempts } from '../../../integrations/egress/attempts.js';
import { payloadComplaint, payloadOf } from '../../../integrations/egress/payload.js';
import { signingKey } from '../../../integrations/webhooks/signing-key.js';
import { signedHeaders, standardWebhooks } from '../../../integrations/webhooks/standard-webhooks.js';
import { stripe } from '../../../integrations/webhooks/stripe.js';

const now = Date.now();
const seconds = Math.floor(now / 1000);

describe('Standard Webhooks', () => {
  it('signs what the package of the standard verifies, and verifies what it signs', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ minLength: 24, maxLength: 64 }), (body, bytes) => {
        const secret = `whsec_${Buffer.from(bytes).toString('base64')}`;
        const headers = signedHeaders('msg_1', now, body, [signingKey(secret)!]);
        expect(headers['webhook-signature']).toBe(new Webhook(secret).sign('msg_1', new Date(now), body));
        expect(standardWebhooks.isSigned({ headers, body: Buffer.from(body) }, secret, now)).toBe(true);
        expect(standardWebhooks.isSigned({ headers, body: Buffer.from(`${body}x`) }, secret, now)).toBe(false);
      }),
    );
  });

  it('takes keys of 24 to 64 bytes in base64 and no other text', () => {
    const of = (bytes: number) => `whsec_${randomBytes(bytes).toString('base64')}`;
    for (const bytes of [24, 25, 32, 64]) expect(signingKey(of(bytes))).toHaveLength(bytes);
    for (const text of [of(23), of(65), of(32).slice(6), `whsec_${'*'.repeat(40)}`, 'whsec_', '', ` ${of(32)}`]) {
      expect(signingKey(text)).toBeUndefined();
    }
  });
});

describe('the scheme of Stripe', () => {
  const sign = (body: string, t: number | string = seconds) =>
    createHmac('sha256', 'secret').update(`${t}.${body}`).digest('hex');
  const isSigned = (header: string, body = '{}') =>
    stripe.isSigned({ headers: { 'stripe-signature': header }, body: Buffer.from(body) }, 'secret', now);

  it('takes one good signature among several, within 300 s', () => {
    expect(isSigned(`t=${seconds},v1=${sign('{}')}`)).toBe(true);
    expect(isSigned(`t=${seconds},v1=${'0'.repeat(64)},v1=${sign('{}')},v0=x`)).toBe(true);
    expect(isSigned(`t=${seconds - 299},v1=${sign('{}', seconds - 299)}`)).toBe(true);
  });

  it.each([
    ['a stale moment', `t=${seconds - 302},v1=${sign('{}', seconds - 302)}`],
    ['a moment to come', `t=${seconds + 302},v1=${sign('{}', seconds + 302)}`],
    ['no moment', `v1=${sign('{}')}`],
    ['a moment that is none', `t=1e9,v1=${sign('{}', '1e9')}`],
    ['two moments', `t=${seconds - 900},t=${seconds},v1=${sign('{}')}`],
    ['a signature of another version', `t=${seconds},v0=${sign('{}')}`],
    ['part of a signature', `t=${seconds},v1=${sign('{}').slice(0, 32)}`],
    ['nothing', ''],
  ])('refuses %s', (_what, header) => {
    expect(isSigned(header)).toBe(false);
  });

  it('finds the id of an event, if there is one', () => {
    const idOf = (body: string) => stripe.eventId({ headers: {}, body: Buffer.from(body) });
    expect(idOf('{"id":"evt_1"}')).toBe('evt_1');
    for (const body of ['{"id":1}', '{}', 'x', '', 'null', '[]']) {
      expect(idOf(body)).toBeUndefined();
    }
  });
});

describe('the schedule of attempts', () => {
  it('has ten, drawn out by a tenth at most', () => {
    const delays = Array.from({ length: 12 }, (_, made) => delayBeforeNext(made, 0));
    const expected = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map((delay) => delay * 1000);
    expect(delays).toEqual([...expected, undefined, undefined]);
    expect(maxAttempts).toBe(10);
    expect(delayBeforeNext(1, 1)).toBe(5500);
  });
});

describe('a payload', () => {
  const event = { type: 'alert.tripped', timestamp: '2026-01-01T00:00:00.000Z', data: { a: [{ 'b/c': 1 }], n: null } };

  it('is the event, or the fields that are named', () => {
    expect(JSON.parse(payloadOf(event, []))).toEqual(event);
    const fields = ['x=/data/a/0/b~1c', 'y=/data/none', 'z={"k":[1]}', 'w=true', 'v=/data/n', 'x=/type'];
    expect(payloadOf(event, fields)).toBe('{"x":"alert.tripped","y":null,"z":{"k":[1]},"w":true,"v":null}');
  });

  it.each(['', 'x', '=/a', 'x=', 'x=a', 'x=/~2', '__proto__=1', `${'x'.repeat(101)}=1`])('has no field %j', (text) => {
    expect(payloadComplaint(text)).toBeDefined();
  });
});
