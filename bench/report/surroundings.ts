import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';
import { findPgbench } from '../contenders/find-pgbench.js';
import { benchFolder } from '../paths.js';
import type { ContenderName } from '../scenarios/scenario.js';

/** The machine that the run was made on. */
export function machine(): Record<string, string | number> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
  };
}

/** Versions of everything that was measured, as it is installed. */
export function versions(contenders: readonly ContenderName[], postgres: string): Record<string, string> {
  const known: Record<string, string> = {
    bulkhead: packageVersion(packageRoot, ''),
    node: process.versions.node,
    postgres,
    autocannon: packageVersion(benchFolder, 'autocannon'),
  };
  const packages: Partial<Record<ContenderName, readonly string[]>> = {
    postgraphile: ['postgraphile', 'graphql', 'node'],
    'mercurius-same': ['mercurius', 'fastify', 'graphql'],
    yoga: ['graphql-yoga', 'graphql'],
    'naive-apollo': ['@apollo/server', 'graphql-shield', 'graphql'],
  };
  for (const [contender, names] of Object.entries(packages)) {
    if (!contenders.includes(contender as ContenderName)) continue;
    const folder = join(benchFolder, 'peers', contender.replace('-same', ''));
    for (const name of names) known[`${contender}: ${name}`] = packageVersion(folder, name);
  }
  for (const name of ['@apollo/server', 'fastify', 'graphql', 'postgres']) {
    known[`bulkhead: ${name}`] = packageVersion(packageRoot, name);
  }
  const pgbench = contenders.includes('pgbench') ? findPgbench() : undefined;
  if (pgbench !== undefined) known['pgbench'] = pgbench.version;
  return known;
}

function packageVersion(folder: string, name: string): string {
  const path = name === '' ? folder : join(folder, 'node_modules', name);
  return (JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as { version: string }).version;
}
