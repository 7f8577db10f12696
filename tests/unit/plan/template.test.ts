import { describe, expect, it } from '@jest/globals';
import { sqlText, Template } from '../../../plan/template.js';

describe('a template', () => {
  it('merges fixed texts and quotes them', () => {
    expect(new Template('{').text('"a":').text(`'`).constant).toBe(`{"a":'`);
    expect(new Template(`it's`).toSql()).toBe(`'it''s'::text`);
    expect(new Template().toSql()).toBe(`''`);
  });

  it('gives concat() no more arguments than PostgreSQL takes', () => {
    const template = new Template();
    for (let index = 0; index < 500; index++) template.text(`${index}:`).sql(`c${index}`);
    const sql = template.toSql();
    const calls = sql.match(/concat\([^()]*\)/g) ?? [];
    expect(calls.length).toBeGreaterThan(5);
    for (const call of calls) expect(call.split(', ').length).toBeLessThanOrEqual(100);
    expect(sql.match(/c\d+(?=[,)])/g)).toHaveLength(500);
  });

  it('is no constant with SQL in it', () => {
    expect(new Template('a').sql('b').constant).toBeUndefined();
    expect(sqlText(`\\'`)).toBe(`'\\'''::text`);
  });
});
