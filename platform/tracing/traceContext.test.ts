import { formatTraceparent, parseTraceparent } from './traceContext.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
  it('is read, and written as it was', () => {
    const text = `00-${TRACE}-${SPAN}-01`;
    const context = parseTraceparent(text);
    expect(context).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true });
    expect(context && formatTraceparent(context)).toBe(text);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)?.sampled).toBe(false);
  });

  it('may come in a later version, with more behind', () => {
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-03-more`)).toMatchObject({ traceId: TRACE, sampled: true });
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    [`00-${TRACE}-${SPAN}-01`],
  ])('is ignored when it is %p', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});
