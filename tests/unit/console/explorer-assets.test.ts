import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { explorerAssets, explorerContentSecurityPolicy } from '../../../console/explorer/explorer-assets.js';

const page = readFileSync(explorerAssets.get('/explorer')!.file, 'utf8');
const references = [...page.matchAll(/ (?:src|href)="([^"]*)"/g)].map(([, address]) => address!);

describe('explorerAssets', () => {
  it.each([...explorerAssets])('%s is a file that is not empty', (_path, asset) => {
    expect(statSync(asset.file).size).toBeGreaterThan(0);
    expect(asset.contentType).toMatch(/^text\/(html|css|javascript); charset=utf-8$/);
  });

  it('holds everything that the page loads, and nothing that it does not', () => {
    const loaded = references.filter((address) => !address.startsWith('data:'));
    expect(loaded.sort()).toEqual([...explorerAssets.keys()].filter((path) => path !== '/explorer').sort());
  });

  it('serves style sheets that load nothing from elsewhere', () => {
    for (const { file, contentType } of explorerAssets.values()) {
      if (!contentType.startsWith('text/css')) continue;
      const addresses = [...readFileSync(file, 'utf8').matchAll(/url\(["']?([^"')]{0,5})|@import/g)];
      expect(addresses.filter(([, start]) => start !== 'data:')).toEqual([]);
    }
  });

  it('gives the key input no name, so that no form can put the key into an address', () => {
    const input = /<input id="key"[^>]*>/.exec(page)?.[0];
    expect(input).toContain('type="password"');
    expect(input).not.toContain(' name=');
  });
});

describe('explorerContentSecurityPolicy', () => {
  it('names no other origin and allows neither inline scripts nor eval', () => {
    expect(explorerContentSecurityPolicy).toContain("default-src 'none'; script-src 'self';");
    expect(explorerContentSecurityPolicy).not.toMatch(/https?:|\*|unsafe-/);
  });

  it('suits the page: no inline script or style', () => {
    expect(page).not.toMatch(/<style|<script>| style=| on\w+=/);
  });
});
