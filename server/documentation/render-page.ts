import { posix } from 'node:path';
import { Marked } from 'marked';

/** What is not in a page but is served. */
const otherAddresses: Readonly<Record<string, string>> = { 'schema.graphql': '/schema.graphql' };

/** Headers beside which a page needs nothing: no script runs, no other origin is asked, no form is sent. */
export const pageSecurityPolicy =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Path of the style sheet of all pages. */
export const styleAddress = '/docs/style.css';

/** The style sheet of all pages. */
export const style = `body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;color:#1b1f24}
nav a{margin-right:1rem}a{color:#0b57d0}code,pre{font:14px/1.45 ui-monospace,monospace;background:#f4f5f7}
pre{padding:.8rem;overflow-x:auto}code{padding:.1rem .25rem}pre code{padding:0}
table{border-collapse:collapse}th,td{border:1px solid #d5d9de;padding:.3rem .6rem;text-align:left;vertical-align:top}
@media(prefers-color-scheme:dark){body{color:#e4e7eb;background:#14171a}a{color:#8ab4f8}code,pre{background:#22272e}
th,td{border-color:#3a4048}}
`;

/**
 * Renders Markdown of ours as an HTML page.
 * @param file the file it is of, below the program: links in it are relative to that
 * @param addressOf the address of a file that is a page; undefined for every other, to which links become plain text
 */
export function renderPage(
  { title, file, markdown }: { readonly title: string; readonly file: string; readonly markdown: string },
  addressOf: (file: string) => string | undefined,
): string {
  const target = (href: string) => {
    if (/^(https?:|#)/.test(href)) return href;
    const [path = '', hash] = href.split('#');
    const found = posix.normalize(posix.join(posix.dirname(file), path)).replace(/\/$/, '/README.md');
    const address = addressOf(found) ?? otherAddresses[found];
    return address === undefined || hash === undefined ? address : `${address}#${hash}`;
  };
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${escapeHtml(slug(text))}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const address = target(href);
        return address === undefined ? text : `<a href="${escapeHtml(address)}" rel="noreferrer">${text}</a>`;
      },
      html: ({ text }) => escapeHtml(text),
    },
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} – Bulkhead</title><link rel="stylesheet" href="${styleAddress}"></head>
<body><nav><a href="/docs/index">Documentation</a><a href="/trust">Trust</a><a href="/explorer">Explorer</a></nav>
${marked.parse(markdown, { async: false })}</body></html>
`;
}

/** The name of a heading in links, as forges make it. */
function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
