import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { homeJson, readHomeJson } from '../home-json.js';
import { replacePrivateFile } from '../private-file.js';

const demoShape = z.object({ url: z.string(), orgId: z.uuid(), apiKey: z.string() });
const progressShape = z.object({ orgId: z.uuid(), apiKey: z.string().optional() });

/** Address, organization and key of the demo, as in `<home>/demo.json`: there once the demo is whole. */
export type DemoAccess = Readonly<z.infer<typeof demoShape>>;

/** What is known of a demo organization that is being made, as in `<home>/demo.progress.json`. */
export type DemoProgress = Readonly<z.infer<typeof progressShape>>;

/** Path of `demo.json` of a home. */
export function demoFile(home: string): string {
  return join(home, 'demo.json');
}

/** @throws BulkheadError UNAVAILABLE when the file is damaged or other users can read it */
export function readDemo(home: string): DemoAccess | undefined {
  return readHomeJson(demoFile(home), demoShape);
}

/** Keeps address and key, and forgets that the demo was being made. */
export function keepDemo(home: string, demo: DemoAccess): void {
  replacePrivateFile(demoFile(home), homeJson(demo));
  rmSync(progressFile(home), { force: true });
}

/** @throws BulkheadError UNAVAILABLE when the file is damaged or other users can read it */
export function readDemoProgress(home: string): DemoProgress | undefined {
  return readHomeJson(progressFile(home), progressShape);
}

/** Keeps how far the making of the demo has come. */
export function keepDemoProgress(home: string, progress: DemoProgress): void {
  replacePrivateFile(progressFile(home), homeJson(progress));
}

function progressFile(home: string): string {
  return join(home, 'demo.progress.json');
}
