import type { Version } from '../../../schema/store/version.js';
import { askRegistry, type CommandIo, type RegistryOptions } from './registryClient.js';

export interface HistoryOptions extends RegistryOptions {
  readonly limit: number;
}

interface History {
  readonly serving: number | null;
  readonly versions: readonly Version[];
}

/** `headgate schema history` */
export async function runHistory(options: HistoryOptions, io: CommandIo): Promise<void> {
  const { body } = await askRegistry(`/v1/versions?limit=${options.limit}`, undefined, options, io);
  if (options.json) {
    io.write(`${JSON.stringify(body)}\n`);
    return;
  }
  const { serving, versions } = body as History;
  io.write(
    versions.length === 0
      ? 'nothing was published yet\n'
      : versions.map((one) => line(one, serving)).join(''),
  );
}

function line(version: Version, serving: number | null): string {
  const { number, at, by, published, removed = [], message } = version;
  const what = [...published, ...removed.map((name) => `without ${name}`)].join(', ');
  // In one line, whatever somebody wrote into it.
  const said = message === undefined ? '' : `  ${JSON.stringify(message)}`;
  const mark = number === serving ? '  <- served' : '';
  return `v${number}  ${String(at)}  ${by}  ${what}: ${outcomeOf(version)}${said}${mark}\n`;
}

function outcomeOf(version: Version): string {
  if (version.outcome === 'refused') return `refused, ${version.faults[0]}`;
  const { breaking, dangerous, safe } = version.changes;
  return `${breaking} breaking, ${dangerous} dangerous, ${safe} safe`;
}
