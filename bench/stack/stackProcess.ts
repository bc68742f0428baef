import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findBinary } from '../../test/support/findBinary.js';

/** Loading the sample shop takes long on a machine that is busy. */
const START_TIMEOUT_MS = 300_000;
/** Longer than anything here drains. */
const STOP_TIMEOUT_MS = 30_000;

export interface ProcessSpec {
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What it says, from all of its starts. */
  readonly logFile: string;
  /** A URL that answers 200, or a port that accepts connections. */
  readonly health: string | number;
}

/** A part of the stack: it keeps its place, its ports and its data, however often it is stopped and started. */
export class StackProcess {
  readonly spec: ProcessSpec;
  #child: ChildProcess | undefined;

  constructor(spec: ProcessSpec) {
    this.spec = spec;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it is healthy. @throws when it ends before, or takes too long */
  async start(): Promise<void> {
    const { name, binary, args, env, logFile } = this.spec;
    const log = openSync(logFile, 'a');
    const [command, ...rest] = endsWithParent([binary, ...args]) as [string, ...string[]];
    try {
      // A process group of its own: Ctrl-C is for us, who stop everything in order.
      this.#child = spawn(command, rest, {
        stdio: ['ignore', log, log],
        detached: true,
        env: { ...process.env, ...env },
      });
    } finally {
      closeSync(log);
    }
    let failure: Error | undefined;
    this.#child.once('error', (error) => {
      failure = error;
    });
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await isHealthy(this.spec.health))) {
      if (failure) throw failure;
      const reason = this.isRunning ? Date.now() > deadline && 'is not healthy in time' : 'has ended';
      if (reason) throw new Error(`${name} ${reason}:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
      await sleep(50);
    }
  }

  /** Lets it finish what it does. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** It keeps its connections, and answers nobody until `resume`. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    // One that is paused would not hear it.
    this.resume();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }
}

/** Where the kernel can do that (Linux): told to end when this process is gone, even if that was killed. */
function endsWithParent(command: readonly string[]): readonly string[] {
  const setpriv = findBinary('SETPRIV_BINARY', ['setpriv']);
  return setpriv === undefined ? command : [setpriv, '--pdeathsig', 'TERM', '--', ...command];
}

async function isHealthy(health: string | number): Promise<boolean> {
  if (typeof health === 'number') return accepts(health);
  return fetch(health, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
