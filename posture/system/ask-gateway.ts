import type { PostureContext } from '../posture-context.js';

/** What the gateway has answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A request of a check. */
export interface Question {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Milliseconds that an answer may take. */
const patienceMs = 5_000;

/** Sends a real request to the gateway on this machine; redirections are answers. */
export async function askGateway(
  { configuration }: PostureContext,
  path: string,
  { method = 'GET', headers = {}, body }: Question = {},
): Promise<Answer> {
  const response = await fetch(new URL(path, configuration.gatewayUrl), {
    method,
    headers: { ...headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceMs),
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
