import { EventStreamReader, EventTooLargeError } from './eventStreamReader.js';

/** Reads the text in chunks of so many bytes. */
function read(text: string, chunkBytes: number, maxBytes = 1_000): unknown[] {
  const heard: unknown[] = [];
  const reader = new EventStreamReader(
    { event: (name, data) => heard.push([name, data]), comment: () => heard.push('comment') },
    maxBytes,
  );
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    reader.read(bytes.subarray(from, from + chunkBytes));
  }
  return heard;
}

describe.each([1, 2, 3, 7, 10_000])('a stream of events that comes in chunks of %i bytes', (chunkBytes) => {
  it.each(['\n', '\r', '\r\n'])('is read with any line end: %j', (end) => {
    const lines = ['event: next', 'data: {"a":"ä€😀"}', '', ':', 'event:next', 'data:1', 'data: 2', '', ''];
    expect(read(lines.join(end), chunkBytes)).toEqual([
      ['next', '{"a":"ä€😀"}'],
      'comment',
      ['next', '1\n2'],
    ]);
  });

  it('has events with no name, none without data, and fields that are ignored', () => {
    const text = '\uFEFFdata\n\nevent: next\n\nid: 7\nretry: 10\nunknown\ndata: x\n\n';
    expect(read(text, chunkBytes)).toEqual([
      ['message', ''],
      ['message', 'x'],
    ]);
  });

  it('has no event that has not ended', () => {
    expect(read('event: next\ndata: 1\n', chunkBytes)).toEqual([]);
  });

  it('is given up at an event that is too large, whether in one line or in many', () => {
    expect(() => read(`data: ${'x'.repeat(1_000)}`, chunkBytes)).toThrow(EventTooLargeError);
    expect(() => read('data: x\n'.repeat(200), chunkBytes)).toThrow(EventTooLargeError);
  });

  it('may be as long as it likes in small events and comments', () => {
    const event = 'data: 123456789\n\n';
    expect(read(`${event}:${'x'.repeat(800)}\n`.repeat(100), chunkBytes)).toHaveLength(200);
  });
});
