import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { gatewayConfigSchema } from '../../../gateway/config.js';
import { held } from '../../../test/support/held.js';
import { until } from '../../../test/support/until.js';
import { ANONYMOUS } from '../../identity/caller.js';
import type { StreamClient } from '../streamClient.js';
import { createHttpStreams, type HttpStreamsOptions } from './httpStreams.js';

describe('a stream over HTTP', () => {
  it('that is identified while the process begins to shut down is told to come again, and not begun', async () => {
    const client = held<StreamClient>();
    const identify = jest.fn(() => client.promise);
    const run = jest.fn(() => () => undefined);
    const streams = createHttpStreams({
      config: gatewayConfigSchema.parse({}),
      bounds: {},
      identify,
      persisted: { settle: () => ({ text: '{ version }', byId: false }), registered: undefined },
      isMutation: () => false,
      admit: () => true,
      onRefused: () => undefined,
      run,
    } as unknown as HttpStreamsOptions);
    const request = {
      method: 'GET',
      url: '/graphql?query={version}',
      headers: { accept: 'text/event-stream', 'apollo-require-preflight': '1' },
    } as Partial<IncomingMessage> as IncomingMessage;
    const response = Object.assign(new PassThrough(), { setHeader: () => undefined });
    const answering = streams.before(async () => undefined)(request, response as unknown as ServerResponse);
    await until('it is identified', () => identify.mock.calls.length === 1);
    streams.drain();
    client.release({ headers: {}, caller: ANONYMOUS });
    await expect(answering).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(run).not.toHaveBeenCalled();
  });
});
