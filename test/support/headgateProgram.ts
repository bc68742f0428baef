import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assetPath } from '../../platform/readAsset.js';

export interface RunOptions {
  /** Files in the working folder of the process, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Besides what every process needs; nothing else of this process's environment is passed on. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Of Node itself, or of its engine. */
  readonly nodeOptions?: readonly string[];
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface HeadgateProcess extends AsyncDisposable {
  /** All that was written so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly exited: Promise<Exit>;
  /** The first match in standard output. Rejects when the process ends without one, or takes too long. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
}

export interface HeadgateProgram extends AsyncDisposable {
  start(args: readonly string[], options?: RunOptions): Promise<HeadgateProcess>;
  /** Runs it to its end. */
  run(
    args: readonly string[],
    options?: RunOptions,
  ): Promise<Exit & Pick<HeadgateProcess, 'stdout' | 'stderr'>>;
}

const SAYS_TIMEOUT_MS = 60_000;

/**
 * The program as people run it: JavaScript from the project's own compiler and settings, in a process of plain Node.
 * It is compiled into a folder of its own, not taken from `dist/`, so that a test never passes or fails by what
 * somebody built some other day. The folder is inside of the project, where `node_modules` and the schemas are found.
 */
export async function compileHeadgate(): Promise<HeadgateProgram> {
  const parent = assetPath('.cache');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'program-'));
  const main = path.join(folder, 'cli/headgate.js');
  const compilerSays = await compile(folder);
  if (!existsSync(main)) throw new Error(`nothing was compiled:\n${compilerSays}`);

  const start: HeadgateProgram['start'] = async (args, options = {}) => {
    const cwd = await mkdtemp(path.join(tmpdir(), 'headgate-test-'));
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await writeFile(path.join(cwd, name), text);
    }
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, [...(options.nodeOptions ?? []), main, ...args], {
      cwd,
      // The listener for operators takes any free port, so that processes do not meet.
      env: { PATH, HOME, HEADGATE_ADMIN_PORT: '0', HEADGATE_WORKER_ADMIN_PORT: '0', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return watch(child, () => rm(cwd, { recursive: true, force: true }));
  };

  return {
    start,
    async run(args, options) {
      await using running = await start(args, options);
      const exit = await running.exited;
      return { ...exit, stdout: running.stdout, stderr: running.stderr };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Types are left to the type check, which makes this a matter of a second. */
async function compile(folder: string): Promise<string> {
  const root = path.relative(folder, assetPath('.'));
  const settings = path.join(folder, 'tsconfig.json');
  const compilerOptions = {
    rootDir: root,
    outDir: '.',
    incremental: false,
    tsBuildInfoFile: null,
    noCheck: true,
  };
  await writeFile(
    settings,
    JSON.stringify({
      extends: `${root}/tsconfig.json`,
      compilerOptions,
      include: [`${root}/cli`],
      exclude: [`${root}/**/*.test.ts`],
    }),
  );
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '--project', settings], (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

function watch(child: ChildProcess, cleanUp: () => Promise<void>): HeadgateProcess {
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
      changed();
    });
  }
  let exit: Exit | undefined;
  // `close` and not `exit`: only then all of its output has been read.
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
      changed();
    });
  });
  // A test run that is cut short must not leave processes behind.
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);

  return {
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    exited,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const done = (settle: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          settle();
        };
        const fail = (what: string) =>
          done(() => reject(new Error(`${what} ${pattern}\n${output.stdout}\n${output.stderr}`)));
        const look = () => {
          const match = pattern.exec(output.stdout);
          if (match) done(() => resolve(match));
          else if (exit) fail(`the process ended with ${exit.code ?? exit.signal} and did not say`);
        };
        const timer = setTimeout(() => fail('in vain waited for'), SAYS_TIMEOUT_MS);
        listeners.add(look);
        look();
      });
    },
    signal(name) {
      child.kill(name);
    },
    async [Symbol.asyncDispose]() {
      process.removeListener('exit', killAtExit);
      if (exit === undefined) child.kill('SIGKILL');
      await exited;
      await cleanUp();
    },
  };
}
