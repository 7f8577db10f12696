import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { explorerAssets, explorerContentSecurityPolicy } from '../console/explorer/explorer-assets.js';
import { packageRoot } from '../db/package-root.js';

/** Pages that need no key: the explorer with its assets, and the SDL. Read once, served from memory. */
export function addPageRoutes(app: FastifyInstance): void {
  for (const [url, asset] of explorerAssets) {
    addFile(app, url, asset.file, asset.contentType, explorerContentSecurityPolicy);
  }
  addFile(app, '/schema.graphql', join(packageRoot, 'schema.graphql'), 'application/graphql; charset=utf-8', undefined);
  app.get('/', (_request, reply) => reply.redirect('/explorer'));
}

function addFile(
  app: FastifyInstance,
  url: string,
  file: string,
  contentType: string,
  contentSecurityPolicy: string | undefined,
): void {
  const content = readFileSync(file);
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  app.get(url, (request, reply) => {
    reply.header('etag', etag).header('cache-control', 'no-cache').type(contentType);
    if (contentSecurityPolicy !== undefined) reply.header('content-security-policy', contentSecurityPolicy);
    return request.headers['if-none-match'] === etag ? reply.status(304).send() : reply.send(content);
  });
}
