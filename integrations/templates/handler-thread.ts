import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import type { HandlerAnswer } from './run-handler.js';

/*
 * What a handler thread runs: QuickJS in WebAssembly, a new instance of it for each call, so that nothing of one call is
 * there for the next. Text goes in and comes out; no function or object of this side is ever given to a handler.
 */

/** Milliseconds after which QuickJS is told to stop. Not every work inside looks: the thread has an end from outside too. */
const deadlineMs = 500;
/** Bytes that a handler may use. */
const memoryBytes = 32 * 1024 * 1024;
/** Bytes of its stack. */
const stackBytes = 256 * 1024;
/** Jobs of promises that are run for a handler that answers a promise. */
const maxJobs = 10_000;
/** UTF-16 units of JSON that a handler may answer. */
const maxAnswerLength = 2 * 1024 * 1024;
/** UTF-16 units that are kept of what an error says. */
const maxDetailLength = 500;

/** What a thread is asked to do. */
export interface HandlerCall {
  readonly source: string;
  /** JSON text; undefined to look only whether the source has a handler. */
  readonly document: string | undefined;
}

// Local time would be that of this machine. Handlers see UTC: QuickJS asks the realm of this thread.
for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'] as const) {
  Date.prototype[`get${part}`] = Date.prototype[`getUTC${part}`];
}
Date.prototype.getTimezoneOffset = () => 0;

/** The types of Node leave it out. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

const wasmFile = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
const wasmModule = await WebAssembly.compile(readFileSync(wasmFile));
// The package describes its CommonJS form, whose default export is one step further away.
const quickjsVariant = newVariant(variant as unknown as QuickJSSyncVariant, { wasmModule });

parentPort?.on('message', (call: HandlerCall) => {
  void answer(call).then((answered) => parentPort?.postMessage(answered));
});

async function answer(call: HandlerCall): Promise<HandlerAnswer> {
  const quickjs = await newQuickJSWASMModuleFromVariant(quickjsVariant);
  const runtime = quickjs.newRuntime({ memoryLimitBytes: memoryBytes, maxStackSizeBytes: stackBytes });
  const deadline = Date.now() + deadlineMs;
  let isLate = false;
  runtime.setInterruptHandler(() => {
    isLate ||= Date.now() > deadline;
    return isLate;
  });
  try {
    return new Call(runtime.newContext()).run(call);
  } catch (error) {
    if (isLate) return { reason: `the handler did not end within ${deadlineMs} ms`, isLate: true };
    if (error instanceof Refused) return error.answer;
    // WebAssembly gave up, e.g. because the stack of this thread was used up.
    return { reason: 'the handler could not be run', detail: String(error).slice(0, maxDetailLength) };
  }
  // Nothing is disposed of: the instance goes as a whole.
}

/** Ends a call with its answer. */
class Refused extends Error {
  readonly answer: HandlerAnswer;

  constructor(answer: HandlerAnswer) {
    super();
    this.answer = answer;
  }
}

type Outcome = { readonly value: QuickJSHandle } | { readonly error: QuickJSHandle };

/** One call in a context of its own. */
class Call {
  readonly #context: QuickJSContext;

  constructor(context: QuickJSContext) {
    this.#context = context;
  }

  run({ source, document }: HandlerCall): HandlerAnswer {
    const context = this.#context;
    // Taken before the source runs, which may replace them.
    const parse = this.#value(context.evalCode('JSON.parse'), 'the handler could not be run');
    const stringify = this.#value(context.evalCode('JSON.stringify'), 'the handler could not be run');
    const cannotRun = 'the source cannot be run';
    const module = this.#settled(
      this.#value(context.evalCode(source, 'handler.js', { type: 'module' }), cannotRun),
      cannotRun,
    );
    const handler = context.getProp(module, 'default');
    if (context.typeof(handler) !== 'function')
      throw new Refused({ reason: 'the source has no function as default export' });
    if (document === undefined) return { text: '' };
    const call = (callee: QuickJSHandle, argument: QuickJSHandle) =>
      this.#value(context.callFunction(callee, context.undefined, argument), 'the handler threw');
    const answered = this.#settled(call(handler, call(parse, context.newString(document))), 'the handler threw');
    const text = call(stringify, answered);
    if (context.typeof(text) !== 'string') throw new Refused({ reason: 'the handler answered no list' });
    if (context.getNumber(context.getProp(text, 'length')) > maxAnswerLength) {
      throw new Refused({ reason: 'the handler answered more than 2 MiB' });
    }
    return { text: context.getString(text) };
  }

  /** The value of a promise, whose jobs are run for it; of anything else itself. */
  #settled(handle: QuickJSHandle, reason: string): QuickJSHandle {
    const context = this.#context;
    const ran = context.runtime.executePendingJobs(maxJobs);
    if (ran.error) throw new Refused({ reason, ...this.#detail(ran.error) });
    const state = context.getPromiseState(handle);
    if (state.type === 'pending') throw new Refused({ reason: 'the handler answered a promise that is never settled' });
    if (state.type === 'rejected') throw new Refused({ reason, ...this.#detail(state.error) });
    return state.value;
  }

  #value(outcome: Outcome, reason: string): QuickJSHandle {
    if ('error' in outcome && outcome.error) throw new Refused({ reason, ...this.#detail(outcome.error) });
    return (outcome as { readonly value: QuickJSHandle }).value;
  }

  /** What an error says: nothing of it is trusted to be there or to be text. */
  #detail(error: QuickJSHandle): { readonly detail?: string } {
    const context = this.#context;
    const text = (handle: QuickJSHandle) => (context.typeof(handle) === 'string' ? context.getString(handle) : '');
    const isObject = context.typeof(error) === 'object';
    const [name, message, stack] = ['name', 'message', 'stack'].map((key) =>
      isObject ? text(context.getProp(error, key)) : '',
    );
    const said = isObject ? [name, message].filter((part) => part !== '').join(': ') : text(error);
    if (said === '') return {};
    const place = /handler\.js:\d+(?::\d+)?/.exec(stack?.slice(0, maxDetailLength) ?? '')?.[0];
    const detail = said.slice(0, maxDetailLength);
    return { detail: place === undefined ? detail : `${detail} (${place})` };
  }
}
