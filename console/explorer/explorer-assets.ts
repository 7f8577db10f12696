import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';

/** One file that the gateway serves for the explorer. */
export interface ExplorerAsset {
  /** Absolute path of the file on disk. */
  readonly file: string;
  /** Value of the Content-Type header. */
  readonly contentType: string;
}

const html = 'text/html; charset=utf-8';
const css = 'text/css; charset=utf-8';
const javascript = 'text/javascript; charset=utf-8';

/**
 * The files of the explorer page by URL path: everything the page loads, none of it from another origin.
 * GraphiQL and React come from the installed packages as the browser bundles that their authors publish
 * (GraphiQL 3 and React 18 are the last lines that need no bundler and stay small), so nothing is built or copied.
 * Together about 1.5 MB, 0.6 MB compressed.
 *
 * @throws an error with code MODULE_NOT_FOUND on import when graphiql, react or react-dom is not installed.
 */
export const explorerAssets: ReadonlyMap<string, ExplorerAsset> = new Map([
  ['/explorer', { file: pageFile('index.html'), contentType: html }],
  ['/explorer/explorer.css', { file: pageFile('explorer.css'), contentType: css }],
  ['/explorer/explorer.js', { file: pageFile('explorer.js'), contentType: javascript }],
  ['/explorer/graphiql.css', { file: packageFile('graphiql', 'graphiql.min.css'), contentType: css }],
  ['/explorer/graphiql.js', { file: packageFile('graphiql', 'graphiql.min.js'), contentType: javascript }],
  ['/explorer/react.js', { file: packageFile('react', 'umd/react.production.min.js'), contentType: javascript }],
  [
    '/explorer/react-dom.js',
    { file: packageFile('react-dom', 'umd/react-dom.production.min.js'), contentType: javascript },
  ],
]);

function pageFile(name: string): string {
  return join(packageRoot, 'console', 'explorer', name);
}

/** The bundles are not in the `exports` of their packages; package.json is, and they lie beside it. */
function packageFile(packageName: string, file: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)), file);
}

/**
 * Content-Security-Policy of every answer under `/explorer`: scripts, styles and requests of this origin only, no
 * `unsafe-inline`, no `unsafe-eval`. Fonts and images are the ones inside GraphiQL's style sheet (and the icon inside
 * the page); an image that a schema description names elsewhere is not loaded.
 *
 * The hash allows the one inline style that graphiql 3.9.0 adds: the scroll lock of react-remove-scroll-bar while a
 * menu or dialog is open. Its text is constant as long as the page itself has no margin and never scrolls (see
 * explorer.css); without the hash everything works, but each menu reports a violation. Browsers print the new value
 * on the console when another version of GraphiQL changes it.
 */
export const explorerContentSecurityPolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc='",
  'font-src data:',
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
