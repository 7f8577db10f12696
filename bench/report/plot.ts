import type { BenchResult } from './results.js';

const width = 900;
const labelWidth = 210;
const barHeight = 16;
const gap = 6;
const colors = { gateway: '#4269d0', postgres: '#efb118' };

/** The CPU of all entrants as bars, gateway and PostgreSQL stacked, one group a scenario: an SVG document. */
export function plot(result: BenchResult): string {
  const parts: string[] = [];
  let y = 50;
  for (const scenario of result.scenarios) {
    const entries = Object.entries(scenario.contenders);
    const most = Math.max(...entries.map(([, { cpuMsPerRequest }]) => cpuMsPerRequest.total));
    const scale = (width - labelWidth - 110) / most;
    parts.push(text(10, y, `${scenario.id}: ${scenario.title}`, 'font-weight="bold"'));
    y += 12;
    for (const [label, { cpuMsPerRequest }] of entries) {
      const { gateway, postgres, total } = cpuMsPerRequest;
      parts.push(
        text(labelWidth - 8, y + barHeight - 4, label, 'text-anchor="end"'),
        bar(labelWidth, y, gateway * scale, colors.gateway),
        bar(labelWidth + gateway * scale, y, postgres * scale, colors.postgres),
        text(labelWidth + total * scale + 6, y + barHeight - 4, `${total} ms`, ''),
      );
      y += barHeight + gap;
    }
    y += 26;
  }
  const legend = [
    text(10, 20, 'CPU ms per request', 'font-weight="bold"'),
    bar(labelWidth, 9, 12, colors.gateway),
    text(labelWidth + 18, 20, 'gateway', ''),
    bar(labelWidth + 90, 9, 12, colors.postgres),
    text(labelWidth + 108, 20, 'PostgreSQL', ''),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" ` +
      'font-family="sans-serif" font-size="12">',
    `<rect width="${width}" height="${y}" fill="white"/>`,
    ...legend,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function bar(x: number, y: number, length: number, color: string): string {
  return `<rect x="${x.toFixed(1)}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" fill="${color}"/>`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escaped}</text>`;
}
