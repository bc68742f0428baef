import { CodedError } from '../../platform/errors.js';
import { recordingLogger } from '../../test/support/recordingLogger.js';
import { createFaultLog } from './createFaultLog.js';

describe('the log of what fails at a subgraph', () => {
  it('names subgraph, address and cause, once a minute, and no password', () => {
    let now = 0;
    const { logger, lines } = recordingLogger();
    const failed = createFaultLog('stock', 'http://ada:hunter2@stock:4001/graphql', logger, () => now);
    const cause = new Error('connect ECONNREFUSED 10.0.0.7:4001');
    const error = new CodedError('SUBGRAPH_UNAVAILABLE', 'Subgraph "stock" cannot be reached.', { cause });
    for (const at of [0, 1, 59_999, 60_000]) {
      now = at;
      failed(error);
    }
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ level: 40, subgraph: 'stock', msg: 'requests to a subgraph fail' });
    expect(JSON.stringify(lines)).toContain('connect ECONNREFUSED 10.0.0.7:4001');
    expect(JSON.stringify(lines)).toContain('@stock:4001/graphql');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});
