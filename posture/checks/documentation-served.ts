import { type Check, passUnless } from '../check.js';
import { askGateway } from '../system/ask-gateway.js';

/** Every address in the index for machines is a page, and has a twin in Markdown of the same title. */
export const documentationServed: Check = {
  id: 'documentation-served',
  title: 'Every page of the index is served, as HTML and as Markdown',
  canWait: true,
  look: async (context) => {
    const index = await askGateway(context, '/llms.txt');
    const pages = [...index.text.matchAll(/^- \[.*\]\((\/[^)\s]+)\)$/gm)].map(([, path = '']) => path);
    const faults: string[] = pages.length === 0 ? [`/llms.txt (${index.status}) lists no page`] : [];
    for (const path of pages) {
      const [page, twin] = await Promise.all([askGateway(context, path), askGateway(context, `${path}.md`)]);
      const type = twin.headers.get('content-type') ?? '';
      if (page.status !== 200) faults.push(`${path} answers ${page.status}`);
      if (twin.status !== 200 || !type.startsWith('text/markdown'))
        faults.push(`${path}.md answers ${twin.status} ${type}`);
      const title = letters(/^# (.+)$/m.exec(twin.text)?.[1]);
      if (title === '' || title !== letters(/<h1[^>]*>(.*?)<\/h1>/s.exec(page.text)?.[1])) {
        faults.push(`${path}.md is another page`);
      }
    }
    return passUnless(faults, `${pages.length} pages with their twins`);
  },
};

/** Letters and digits of a title: in Markdown and in HTML the same. */
function letters(title = ''): string {
  return title.replace(/<[^>]*>|&#?\w+;|\W/g, '');
}
