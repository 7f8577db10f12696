import { type JsonPointer, parseJsonPointer, readJsonPointer } from '../templates/json-pointer.js';

/** Bytes of the body of a delivery at most (Standard Webhooks 1.0). */
export const maxPayloadBytes = 20_000;

/** An event to be delivered. */
export interface EgressEvent {
  readonly type: string;
  /** When it happened, ISO 8601. */
  readonly timestamp: string;
  readonly data: unknown;
}

/** A field of the body: its name, and a pointer into the event or a constant. */
type PayloadField = { readonly name: string } & ({ readonly pointer: JsonPointer } | { readonly constant: unknown });

/** What is wrong with a text of the property `payload`; undefined for one that is good. */
export function payloadComplaint(text: string): string | undefined {
  return payloadField(text) === undefined ? 'must be name=/pointer or name="constant"' : undefined;
}

/**
 * The body of an event: the event itself, or an object of the named fields in their order. A pointer that leads to
 * nothing gives null.
 * @param fields texts of the property `payload`
 */
export function payloadOf(event: EgressEvent, fields: readonly string[]): string {
  if (fields.length === 0) return JSON.stringify(event);
  const chosen = fields.flatMap((text) => payloadField(text) ?? []);
  const entries = chosen.map((field) => [
    field.name,
    'pointer' in field ? (readJsonPointer(field.pointer, event) ?? null) : field.constant,
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

function payloadField(text: string): PayloadField | undefined {
  const [, name = '', value = ''] = /^([^=]{1,100})=(.*)$/s.exec(text) ?? [];
  if (name === '' || name === '__proto__') return undefined;
  if (value.startsWith('/')) {
    const pointer = parseJsonPointer(value);
    return pointer === undefined ? undefined : { name, pointer };
  }
  try {
    return { name, constant: JSON.parse(value) };
  } catch {
    return undefined;
  }
}
