import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type DocumentationPage, documentationPages } from './documentation-pages.js';
import { pageSecurityPolicy, renderPage, style, styleAddress } from './render-page.js';

/** The trust page as it is now, in Markdown. */
export type TrustSource = () => Promise<string>;

const trust = { address: '/trust', file: 'docs/trust.md', title: 'Trust' };

/**
 * The documentation for everybody, without a key: each page of `docs/` as HTML and, with `.md` behind its address, as
 * Markdown; `/llms.txt`, the index for machines; `/trust`, what the last look at the promises has found.
 */
export function addDocumentationRoutes(app: FastifyInstance, trustSource: TrustSource): void {
  const pages = documentationPages();
  const addresses = new Map([trust, ...pages].map(({ file, address }) => [file, address]));
  const rendered = new Map<string, string>();
  const html = (page: DocumentationPage) => {
    const known = rendered.get(page.address) ?? renderPage(page, (file) => addresses.get(file));
    rendered.set(page.address, known);
    return known;
  };
  const markdown = 'text/markdown; charset=utf-8';
  for (const page of pages) {
    app.get(page.address, (request, reply) => send(request, reply, 'text/html; charset=utf-8', html(page)));
    app.get(`${page.address}.md`, (request, reply) => send(request, reply, markdown, page.markdown));
  }
  app.get('/docs', (_request, reply) => reply.redirect('/docs/index'));
  app.get(styleAddress, (request, reply) => send(request, reply, 'text/css; charset=utf-8', style));
  app.get('/llms.txt', (request, reply) => send(request, reply, 'text/plain; charset=utf-8', index(pages)));
  app.get('/trust', async (request, reply) => {
    const page = { ...trust, markdown: await trustSource() };
    return send(
      request,
      reply,
      'text/html; charset=utf-8',
      renderPage(page, (file) => addresses.get(file)),
    );
  });
  app.get('/trust.md', async (request, reply) => send(request, reply, markdown, await trustSource()));
}

function index(pages: readonly DocumentationPage[]): string {
  const lines = [trust, ...pages].map(({ address, title }) => `- [${title}](${address})`);
  return `# Bulkhead

> A self-hosted GraphQL gateway that keeps many organizations' devices and data apart. Append .md to the address of a
> page for its Markdown. The schema of the API is at /schema.graphql.

## Documentation

${lines.join('\n')}
`;
}

function send(request: FastifyRequest, reply: FastifyReply, contentType: string, content: string): FastifyReply {
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  reply.header('etag', etag).header('cache-control', 'no-cache').type(contentType);
  reply.header('content-security-policy', pageSecurityPolicy);
  return request.headers['if-none-match'] === etag ? reply.status(304).send() : reply.send(content);
}
