import { z } from 'zod';
import { holdsInexactNumber, inexactNumberReason } from '../../db/inexact-number.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { maxPointerLength, maxPointerSteps, parseJsonPointer } from './json-pointer.js';

/** How a template reads documents. */
export type TemplateFormat = 'JSON_POINTER' | 'JAVASCRIPT_HANDLER';

/** Mappings of one template at most. */
const maxMappings = 100;
/** Bytes of the source of a handler at most. */
const maxSourceBytes = 65_536;
/** UTF-16 units of a default at most: those of a STRING reading. */
const maxDefaultLength = 4096;
/** Faults of one spec that are told at most. */
const maxFaults = 20;

/** PostgreSQL keeps neither U+0000 nor half a character. */
const storable = (text: string) => !text.includes('\0') && text.isWellFormed();
const number = z.number('must be a number').refine((value) => !holdsInexactNumber(value), inexactNumberReason);
const pointer = z
  .string('must be a JSON pointer (RFC 6901)')
  .refine(
    (text) => parseJsonPointer(text) !== undefined && storable(text),
    `must be a JSON pointer (RFC 6901) of at most ${maxPointerLength} characters and ${maxPointerSteps} steps`,
  );
const text = z
  .string()
  .max(maxDefaultLength, `must have at most ${maxDefaultLength} characters`)
  .refine(storable, 'is not well-formed text');

const mapping = z
  .strictObject(
    {
      /** The metric that the value is for. */
      metricId: z.string('must be an id of a metric').regex(/^mdef_[0-9a-z]{26}$/, 'must be an id of a metric, mdef_…'),
      /** Where the value is in a record. */
      pointer,
      /** What a number is multiplied with (default 1). */
      scale: number.refine((value) => value !== 0, 'must not be 0').optional(),
      /** What is added to it then (default 0). */
      offset: number.optional(),
      /** What is taken, as it is, where there is no value. */
      default: z.union([text, number, z.boolean()], 'must be a text, a number or a boolean').optional(),
      /** Whether a record without a good value is left out as a whole (default false). */
      required: z.boolean('must be true or false').optional(),
    },
    'must be an object',
  )
  .refine((one) => !(one.required === true && one.default !== undefined), 'has a default and is required: choose one');

const jsonPointerSpec = z.strictObject(
  {
    /** Leads to the list of records; absent: the document is one record. */
    recordsPointer: pointer.optional(),
    timestamp: z.strictObject(
      {
        pointer,
        format: z.enum(['EPOCH_MILLIS', 'EPOCH_SECONDS', 'ISO8601'], 'must be EPOCH_MILLIS, EPOCH_SECONDS or ISO8601'),
      },
      'must be an object with pointer and format',
    ),
    mappings: z
      .array(mapping, 'must be a list of mappings')
      .min(1, 'must have at least one entry')
      .max(maxMappings, `must have at most ${maxMappings} entries`)
      .superRefine((mappings, context) => {
        const seen = new Set<string>();
        for (const [index, { metricId }] of mappings.entries()) {
          if (seen.has(metricId)) {
            context.addIssue({
              code: 'custom',
              path: [index, 'metricId'],
              message: 'repeats the metric of an earlier mapping',
            });
          }
          seen.add(metricId);
        }
      }),
  },
  'must be an object',
);

const handlerSpec = z.strictObject(
  {
    /** An ECMAScript module whose default export is the handler. */
    source: z
      .string('must be JavaScript as text')
      .refine((source) => source.trim() !== '', 'must not be blank')
      .refine((source) => Buffer.byteLength(source) <= maxSourceBytes, 'must be at most 64 KiB')
      .refine(storable, 'is not well-formed text'),
  },
  'must be an object',
);

const schemas = { JSON_POINTER: jsonPointerSpec, JAVASCRIPT_HANDLER: handlerSpec } as const;

/** Spec of a template that reads by JSON pointers. */
export type JsonPointerSpec = z.infer<typeof jsonPointerSpec>;
/** Spec of a template that reads by JavaScript. */
export type HandlerSpec = z.infer<typeof handlerSpec>;
/** How a moment is written. */
export type TimestampFormat = JsonPointerSpec['timestamp']['format'];

/** A format and its spec. */
export type TemplateSpec =
  | { readonly format: 'JSON_POINTER'; readonly spec: JsonPointerSpec }
  | { readonly format: 'JAVASCRIPT_HANDLER'; readonly spec: HandlerSpec };

/** A stored spec; undefined where what is stored is none of its format. */
export function readTemplateSpec(format: TemplateFormat, stored: unknown): TemplateSpec | undefined {
  const { success, data } = schemas[format].safeParse(stored);
  return success ? ({ format, spec: data } as TemplateSpec) : undefined;
}

/**
 * A spec as it came.
 * @param field path of the spec in the caller's input, e.g. `input.spec`
 * @throws BulkheadError BAD_USER_INPUT that names each fault (20 at most) by its path, and no value
 */
export function requireTemplateSpec(field: string, format: TemplateFormat, input: unknown): TemplateSpec {
  const { success, data, error } = schemas[format].safeParse(input);
  if (success) return { format, spec: data } as TemplateSpec;
  const errors = error.issues.slice(0, maxFaults).map((issue) => ({
    field: issue.path.reduce<string>(
      (path, key) => path + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
      field,
    ),
    reason: issue.code === 'unrecognized_keys' ? 'has a field that this format does not know' : issue.message,
  }));
  const first = errors[0] ?? { field, reason: 'is not a spec' };
  throw new BulkheadError('BAD_USER_INPUT', `${first.field}: ${first.reason}`, { field: first.field, errors });
}

/** The metrics that a spec names; a handler names none before it runs. */
export function metricsOfSpec({ format, spec }: TemplateSpec): string[] {
  return format === 'JSON_POINTER' ? spec.mappings.map(({ metricId }) => metricId) : [];
}
