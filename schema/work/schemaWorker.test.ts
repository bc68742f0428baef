import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../platform/logger.js';
import type { Job } from './jobs.js';
import { createSchemaWorker } from './schemaWorker.js';

/** A thread that does with a job what the text in its `before` says. */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ id, job }) => {
  if (job.before === 'hang') for (;;);
  if (job.before === 'eat') for (const all = [];;) all.push(new Array(1e5).fill(Math.random()));
  if (job.before === 'exit') process.exit(1);
  if (job.before === 'fail') return parentPort.postMessage({ id, error: 'no' });
  parentPort.postMessage({ id, json: JSON.stringify(job.before) });
});`;

const job = (before: string): Job => ({ kind: 'diff', before, after: '' });

describe('the thread that composes', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-worker-'));
    writeFileSync(path.join(folder, 'program.cjs'), PROGRAM);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function start(options: { timeoutMs?: number; maxWaiting?: number } = {}) {
    const worker = createSchemaWorker({
      program: path.join(folder, 'program.cjs'),
      timeoutMs: 20_000,
      maxHeapMb: 32,
      logger: silentLogger(),
      ...options,
    });
    return { ...worker, [Symbol.asyncDispose]: () => worker.close() };
  }

  it('is ended when a job takes too long, and the next one has a new thread', async () => {
    await using worker = start({ timeoutMs: 1_500 });
    await expect(worker.run(job('hang'))).rejects.toMatchObject({ name: 'WorkRefusedError', why: 'time' });
    expect(await worker.run(job('one'))).toBe('one');
  });

  it('is ended when a job takes too much memory, and the process lives on', async () => {
    await using worker = start();
    await expect(worker.run(job('eat'))).rejects.toMatchObject({ why: 'memory' });
    expect(await worker.run(job('one'))).toBe('one');
  });

  it('is replaced when it ended by itself', async () => {
    await using worker = start();
    await expect(worker.run(job('exit'))).rejects.toThrow('has ended');
    expect(await worker.run(job('one'))).toBe('one');
  });

  it('keeps its thread through a job that fails', async () => {
    await using worker = start();
    const answers = await Promise.allSettled([worker.run(job('fail')), worker.run(job('two'))]);
    expect(answers).toMatchObject([
      { status: 'rejected', reason: { message: 'no' } },
      { status: 'fulfilled', value: 'two' },
    ]);
  });

  it('refuses more than may wait', async () => {
    await using worker = start({ maxWaiting: 2 });
    const answers = await Promise.allSettled(['a', 'b', 'c'].map((text) => worker.run(job(text))));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(await worker.run(job('d'))).toBe('d');
  });

  it('ends with a job under way when it is closed', async () => {
    const worker = start();
    await worker.run(job('ready'));
    const hanging = worker.run(job('hang'));
    const outcome = expect(hanging).rejects.toMatchObject({ why: 'closed' });
    // The job is given to the thread in the next turn.
    await Promise.resolve().then(() => worker.close());
    await outcome;
    await expect(worker.run(job('late'))).rejects.toMatchObject({ why: 'closed' });
  });
});
