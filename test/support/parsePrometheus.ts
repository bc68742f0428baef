export interface MetricFamily {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly PrometheusSample[];
}

export interface PrometheusSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/** Reads Prometheus's text format; throws for anything that a scraper would refuse. */
export function parsePrometheus(text: string): ReadonlyMap<string, MetricFamily> {
  const families = new Map<string, { help: string; type: string; samples: PrometheusSample[] }>();
  const familyOf = (name: string) => {
    const family = families.get(name) ?? { help: '', type: '', samples: [] };
    families.set(name, family);
    return family;
  };
  for (const line of text.split('\n')) {
    const meta = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (meta) {
      const [, kind, name, value] = meta as unknown as [string, 'HELP' | 'TYPE', string, string];
      const key = kind === 'HELP' ? 'help' : 'type';
      if (familyOf(name)[key] !== '') throw new Error(`${name} has two lines of ${kind}`);
      familyOf(name)[key] = value;
    } else if (line !== '') {
      const sample = parseSample(line);
      const base = sample.name.replace(/_(bucket|sum|count)$/, '');
      familyOf(families.has(sample.name) ? sample.name : base).samples.push(sample);
    }
  }
  for (const [name, { help, type }] of families) {
    if (help === '' || type === '') throw new Error(`${name} has no help or no type`);
  }
  return families;
}

function parseSample(line: string): PrometheusSample {
  const match = SAMPLE.exec(line);
  if (!match) throw new Error(`this is no sample: ${line}`);
  const [, name = '', labelText = '', value = ''] = match;
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < labelText.length) {
    const label = LABEL.exec(labelText);
    if (!label) throw new Error(`these are no labels: ${labelText}`);
    labels[label[1] as string] = label[2] as string;
  }
  return { name, labels, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) };
}
