import type { UsedRow } from '../usage/usageStore.js';
import type { SchemaChange } from '../work/diffSchemas.js';
import { type Evidence, judgeChange } from './judgeChange.js';

const CHANGE: SchemaChange = {
  type: 'FIELD_REMOVED',
  severity: 'breaking',
  message: 'gone',
  path: 'A.b',
  reach: { coordinates: ['A.b'] },
};

const row = (counts: Record<string, number>, client = 'web'): UsedRow => ({
  operation: 'op',
  client: { name: client, version: '1' },
  hour: new Date(0),
  count: 100,
  errors: 0,
  counts,
});

const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  known: true,
  rows: [],
  broken: new Set(),
  names: new Map(),
  approvals: new Map(),
  ...more,
});

describe('the verdict on a change', () => {
  it('adds up hours per operation and client, the most used first', () => {
    const rows = [row({ 'A:b': 1 }, 'ios'), row({ 'A:b': 2 }), row({ 'A:b': 3 }), row({ 'A:c': 9 }, 'none')];
    expect(judgeChange(CHANGE, evidence({ rows }))).toMatchObject({
      verdict: 'breaking',
      count: 6,
      hits: [
        { client: { name: 'web' }, count: 5 },
        { client: { name: 'ios' }, count: 1 },
      ],
    });
  });

  it('is not "unused" when more was used than was read, and the totals have it', () => {
    expect(judgeChange(CHANGE, evidence({ totals: new Map([['A.b', 1]]) })).verdict).toBe('breaking');
    expect(judgeChange(CHANGE, evidence({ totals: new Map([['A.c', 1]]) })).verdict).toBe('unused');
  });

  it('counts for what becomes required only who does not send it', () => {
    const change = { ...CHANGE, reach: { coordinates: [], missing: { of: ['A.b'], sent: 'A.b.n' } } };
    const judged = (counts: Record<string, number>, broken: string[] = []) =>
      judgeChange(change, evidence({ rows: [row(counts)], broken: new Set(broken) }));
    expect(judged({ 'A:b': 5, 'A:b:n': 5 })).toMatchObject({ verdict: 'unused', count: 0 });
    expect(judged({ 'A:b': 5, 'A:b:n': 3 })).toMatchObject({ verdict: 'breaking', count: 2 });
    // Its text does not fit any more, whatever it sends.
    expect(judged({ 'A:b': 5, 'A:b:n': 5 }, ['op'])).toMatchObject({ verdict: 'breaking', count: 5 });
  });

  it('counts executions that reach an input type at another place than those that send the field', () => {
    const missing = { of: ['Query.b.x', 'Query.b.y'], sent: 'In.n' };
    const change = { ...CHANGE, reach: { coordinates: [], missing } };
    const judged = (counts: Record<string, number>, count: number) =>
      judgeChange(change, evidence({ rows: [{ ...row(counts), count }] }));
    // One execution sent `x` with the field, the other one `y` without it.
    const apart = { 'Query:b:x': 1, 'Query:b:y': 1, 'In:n': 1 };
    expect(judged(apart, 2)).toMatchObject({ verdict: 'breaking', count: 1 });
    expect(judged(apart, 1)).toMatchObject({ verdict: 'unused', count: 0 });
  });

  it('is breaking for what no usage can tell', () => {
    const change = { ...CHANGE, reach: { coordinates: [], unknowable: true } as const };
    expect(judgeChange(change, evidence()).verdict).toBe('breaking');
  });

  it('has the same id for the same change', () => {
    const other = { ...CHANGE, path: 'A.c' };
    expect(judgeChange(CHANGE, evidence()).id).toBe(
      judgeChange({ ...CHANGE }, evidence({ known: false })).id,
    );
    expect(judgeChange(CHANGE, evidence()).id).not.toBe(judgeChange(other, evidence()).id);
  });
});
