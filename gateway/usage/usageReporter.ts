import type { Logger } from '../../platform/logger.js';
import type { UsageEntry, UsageRecorder } from './usageRecorder.js';

export interface UsageReporterOptions {
  readonly recorder: UsageRecorder;
  /** @throws when the registry cannot be told */
  send(report: string, signal: AbortSignal): Promise<void>;
  readonly intervalMs: number;
  readonly logger: Logger;
  onReport(outcome: 'sent' | 'failed', uses: number): void;
}

export interface UsageReporter {
  /** Sends what was counted so far. Never rejects. */
  flush(): Promise<void>;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** In one request; a report of more is cut. */
const MAX_OPERATIONS = 500;
const MAX_CHARACTERS = 1024 * 1024;
/** The registry refuses a report with longer ones, and all that is in it: no client may bring that about. */
const MAX_NAME_CHARACTERS = 200;
const MAX_TEXT_CHARACTERS = 100_000;
/** What the last report may take. */
const CLOSE_MS = 2_000;
/** Ids whose text the registry has been told. */
const MAX_TOLD = 50_000;

/**
 * Tells the registry what was used, now and then. What it cannot be told is given up, and the next report says how much
 * that was: usage is statistics, and must not fill the memory of a gateway whose registry is down.
 */
export function createUsageReporter(options: UsageReporterOptions): UsageReporter {
  const { recorder, send, intervalMs, logger, onReport } = options;
  const told = new Set<string>();
  const ending = new AbortController();
  let from = new Date();
  let lost = 0;
  let isFailing = false;
  let sending: Promise<void> | undefined;

  async function post(supergraph: string, entries: readonly UsageEntry[], period: Period): Promise<void> {
    const uses = entries.reduce((sum, { count }) => sum + count, 0);
    const sent = new Set<string>();
    const operations = entries.map((entry) => {
      const { id } = entry.mark;
      const isNews = !told.has(id) && !sent.has(id);
      sent.add(id);
      return toOperation(entry, isNews);
    });
    const dropped = lost;
    try {
      await send(JSON.stringify({ supergraph, ...period, dropped, operations }), ending.signal);
      lost -= dropped;
      if (told.size > MAX_TOLD) told.clear();
      for (const id of sent) told.add(id);
      onReport('sent', uses);
      if (isFailing) logger.info('the registry is told again what is used');
      isFailing = false;
    } catch (err) {
      lost += uses;
      // It may come back with nothing of what it was told.
      told.clear();
      onReport('failed', uses);
      if (!isFailing)
        logger.warn({ err }, 'the registry cannot be told what is used; that is given up, and counted');
      isFailing = true;
    }
  }

  async function report(): Promise<void> {
    const { entries, dropped } = recorder.take();
    const period = { from: from.toISOString(), to: new Date().toISOString() };
    from = new Date();
    lost += dropped;
    const graphs = new Map<string, UsageEntry[]>();
    for (const entry of entries) {
      const { supergraph } = entry.mark;
      const known = graphs.get(supergraph);
      if (known) known.push(entry);
      else graphs.set(supergraph, [entry]);
    }
    for (const [supergraph, all] of graphs) {
      for (const part of inParts(all)) await post(supergraph, part, period);
    }
  }

  function flush(): Promise<void> {
    sending ??= report().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  const timer = setInterval(() => void flush(), intervalMs);
  timer.unref();
  return {
    flush,
    async close() {
      clearInterval(timer);
      // Statistics are not worth a longer shutdown.
      const cut = setTimeout(() => ending.abort(), CLOSE_MS);
      await sending;
      await flush();
      clearTimeout(cut);
    },
  };
}

interface Period {
  readonly from: string;
  readonly to: string;
}

function toOperation({ mark, client, count, errors }: UsageEntry, withText: boolean) {
  const { id, name, kind, text, coordinates } = mark;
  return {
    id,
    name: name !== undefined && name.length <= MAX_NAME_CHARACTERS ? name : null,
    kind,
    ...(withText && text.length <= MAX_TEXT_CHARACTERS && { text }),
    client,
    count,
    errors,
    ...coordinates,
  };
}

/** As many at once as one request may hold. What they take is overestimated: most texts have been sent before. */
function* inParts(entries: readonly UsageEntry[]): Generator<readonly UsageEntry[]> {
  let part: UsageEntry[] = [];
  let characters = 0;
  for (const entry of entries) {
    const { text, coordinates } = entry.mark;
    const size = text.length + 50 * Object.values(coordinates).flat().length + 500;
    if (part.length > 0 && (part.length === MAX_OPERATIONS || characters + size > MAX_CHARACTERS)) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(entry);
    characters += size;
  }
  if (part.length > 0) yield part;
}
