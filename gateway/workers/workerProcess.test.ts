import cluster, { type Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { gatewayConfigSchema } from '../config.js';
import type { WorkerSettings } from './supervisionMessages.js';
import { superviseWorker } from './workerProcess.js';

const settings: WorkerSettings = {
  config: gatewayConfigSchema.parse({}),
  origin: 'here',
  log: { name: 'gateway', level: 'silent' },
};

describe('a worker process', () => {
  // The settings are the process's, and other suites run in it as well.
  afterEach(() => cluster.setupPrimary({ cwd: undefined }));

  it('that the system cannot start has ended, and says why', async () => {
    cluster.setupPrimary({ exec: __filename, args: [], cwd: '/there/is/no/such/folder' });
    const worker = superviseWorker(cluster.fork(), 0, settings);
    await expect(worker.ready).rejects.toMatchObject({
      message: 'a worker process could not be started',
      cause: { code: 'ENOENT' },
    });
    expect(await worker.exited).toEqual({ code: null, signal: null });
    await expect(worker.ask('status', null)).rejects.toThrow('the worker ended');
  });

  it('that cannot be written to is there until it has ended', async () => {
    const emitter = new EventEmitter();
    const connected = { isConnected: () => false, process: { pid: 4711 } };
    const worker = superviseWorker(Object.assign(emitter, connected) as unknown as Worker, 0, settings);
    emitter.emit('error', new Error('write EPIPE'));
    emitter.emit('exit', null, 'SIGKILL');
    expect(await worker.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
