import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** The most it has ever held. */
  readonly peakRssBytes: number;
}

export interface Memory {
  /** What is still in use after garbage was collected, buffers outside of the heap included. */
  readonly liveBytes: number;
  /** Sockets, timers and whatever else keeps a process alive. */
  readonly handles: number;
}

export interface MeasuredProcess extends AsyncDisposable {
  /** Where it listens, from its log. */
  readonly url: string;
  /** CPU time used and memory held so far, asked of the process itself. */
  usage(): Promise<Usage>;
  /** Makes the process collect its garbage first. */
  memory(): Promise<Memory>;
  signal(name: NodeJS.Signals): void;
}

const START_TIMEOUT_MS = 30_000;

/** With `BENCH_CPU_PROFILES=folder`, each process leaves a CPU profile there when it ends. */
const profiles = process.env['BENCH_CPU_PROFILES'];
const profiling = profiles ? ['--cpu-prof', '--cpu-prof-dir', path.resolve(profiles)] : [];

/** Runs a compiled script of ours as a process and waits for the log line with its `url`. */
export async function startMeasured(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  nodeOptions: readonly string[] = [],
): Promise<MeasuredProcess> {
  const child = spawn(
    process.execPath,
    [
      ...profiling,
      ...nodeOptions,
      ...['--require', path.join(__dirname, 'reportUsage.js')],
      path.join(__dirname, '../..', script),
      ...args,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        LOG_FORMAT: 'json',
        APOLLO_TELEMETRY_DISABLED: 'true',
        ...env,
      },
    },
  );
  const url = await firstUrl(child, `${script} ${args.join(' ')}`);
  async function ask(what: 'usage' | 'memory'): Promise<Usage & Memory> {
    const answer = once(child, 'message');
    child.send(what);
    return ((await answer) as [Usage & Memory])[0];
  }
  return {
    url,
    usage: () => ask('usage'),
    memory: () => ask('memory'),
    signal: (name) => {
      child.kill(name);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function firstUrl(child: ChildProcess, what: string): Promise<string> {
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  try {
    for await (const line of lines) {
      if (!line.startsWith('{')) continue;
      const { url } = JSON.parse(line) as { url?: string };
      if (url) return url;
    }
    throw new Error(`${what} ended before it said where it listens`);
  } finally {
    clearTimeout(timer);
    // What it logs later must not fill the pipe and block it.
    child.stdout?.resume();
  }
}
