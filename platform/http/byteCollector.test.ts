import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ByteCollector } from './byteCollector.js';

function collected(pieces: readonly Buffer[]): Buffer {
  const collector = new ByteCollector();
  for (const piece of pieces) collector.add(piece);
  return collector.whole();
}

describe('a byte collector', () => {
  it.each([
    [[]],
    [['']],
    [['one']],
    [['', 'two']],
    [['a', 'b', '', 'c']],
    [['x'.repeat(5_000), 'y', 'z'.repeat(9_000)]],
  ])('gives back what it was given: %j', (pieces) => {
    expect(collected(pieces.map((piece) => Buffer.from(piece))).toString()).toBe(pieces.join(''));
  });

  it('copies nothing that comes in one piece', () => {
    const piece = Buffer.from('all of it');
    expect(collected([piece])).toBe(piece);
  });

  it('does not take many times the memory for what comes byte by byte', () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const count = 300_000;
    const used = () => {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const received = Buffer.alloc(64 * 1024, 'x');
    const before = used();
    const collector = new ByteCollector();
    for (let index = 0; index < count; index++)
      collector.add(received.subarray(index % 1_000, (index % 1_000) + 1));
    const perByte = (used() - before) / count;
    expect(collector.whole()).toHaveLength(count);
    // A list of the pieces takes more than a hundred.
    expect(perByte).toBeLessThan(20);
  });
});
