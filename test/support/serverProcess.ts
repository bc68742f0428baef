import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServerProcessOptions {
  readonly binary: string;
  args(place: { readonly port: number; readonly folder: string }): readonly string[];
  /** Matches the line of output that says that connections are accepted. */
  readonly readyWhen: RegExp;
  /** Port to listen on; a free one when absent. */
  readonly port?: number;
  /** @default 60000 */
  readonly startTimeoutMs?: number;
}

export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** Sends a signal, `SIGSTOP` and `SIGCONT` among them. */
  signal(name: NodeJS.Signals): void;
  /** Ends the process and removes its folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

const ATTEMPTS = 3;
/** One that comes back on its port may find it lent, for a moment, to a connection of another process. */
const ATTEMPTS_AT_PORT = 20;
const PAUSE_MS = 500;

/**
 * Starts a server on a loopback port in a temporary folder. These servers cannot listen on "any free port" and tell
 * which, so somebody else may take the port that was found free: then it is tried again with another one.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options, options.port ?? (await findFreePort()));
    } catch (error) {
      if (attempt === (options.port === undefined ? ATTEMPTS : ATTEMPTS_AT_PORT)) throw error;
      if (options.port !== undefined) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function startOnce(options: ServerProcessOptions, port: number): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-test-'));
  const child = spawn(options.binary, options.args({ port, folder }), { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // A test run that is cut short must not leave servers behind.
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);

  async function stop(): Promise<void> {
    process.removeListener('exit', killAtExit);
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  }

  try {
    await waitForOutput(child, options);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    pid: child.pid as number,
    signal: (name) => {
      child.kill(name);
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function waitForOutput(child: ChildProcess, options: ServerProcessOptions): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string) =>
      reject(new Error(`${options.binary} ${reason}\n${output.slice(-2_000)}`));
    const timer = setTimeout(() => fail('was not ready in time'), options.startTimeoutMs ?? 60_000);
    child.once('error', (error) => fail(`did not start: ${error.message}`));
    child.once('exit', (code) => fail(`ended with code ${code}`));
    const read = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
      if (!options.readyWhen.test(output)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
