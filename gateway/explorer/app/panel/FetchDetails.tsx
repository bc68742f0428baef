import { parse, print } from 'graphql';
import { useMemo, useState } from 'react';
import type { RecordExplanation } from '../../../cache/fetchExplanation';
import type { FetchTrace } from '../../../trace/traceReport';
import type { Run } from '../state/run';
import type { FetchRow } from './fetchRows';
import { Record } from './Record';
import { Tags } from './Tags';
import { milliseconds, plural, size } from './words';

/** A list of hundreds of entities is rarely read to its end. */
const FIRST_RECORDS = 10;

interface FetchDetailsProps {
  readonly row: FetchRow;
  readonly run: Run;
  readonly onPurge: ((tag: string) => void) | undefined;
}

export function FetchDetails({ row, run, onPurge }: FetchDetailsProps) {
  const [isAll, setAll] = useState(false);
  const { fetch, traces, explanations } = row;
  const query = useMemo(() => print(parse(fetch.query)), [fetch.query]);
  const records = explanations.flatMap((explanation) => explanation.records);
  const common = commonTags(records);
  const shown = isAll ? records : records.slice(0, FIRST_RECORDS);
  return (
    <div className="hg-details">
      <dl>
        {fetch.path !== '' && (
          <div>
            <dt>For</dt>
            <dd>
              <code>{fetch.path}</code>
            </dd>
          </div>
        )}
        <div>
          <dt>Brings</dt>
          <dd>
            <code>{fetch.fields.join(', ')}</code>
          </dd>
        </div>
        {traces.map((trace) => (
          <Requests key={trace.startMs} trace={trace} />
        ))}
        {explanations.map(({ reason }) => (
          <div key={reason}>
            <dt>Cache</dt>
            <dd>{reason}</dd>
          </div>
        ))}
      </dl>
      {common.length > 0 && (
        <div className="hg-common">
          <span className="hg-muted">On all {records.length} records</span>
          <Tags tags={common} onPurge={onPurge} />
        </div>
      )}
      {shown.length > 0 && (
        <ul className="hg-records" aria-label="Records of the cache">
          {shown.map((record) => (
            <Record
              key={record.key}
              record={record}
              hiddenTags={common}
              receivedAt={run.receivedAt}
              onPurge={onPurge}
            />
          ))}
        </ul>
      )}
      {records.length > shown.length && (
        <button type="button" className="hg-button" onClick={() => setAll(true)}>
          Show all {records.length} records
        </button>
      )}
      <details>
        <summary>What {fetch.subgraph} is asked</summary>
        <pre>{query}</pre>
      </details>
    </div>
  );
}

/** Said once, so that those of each record stand out. */
function commonTags(records: readonly RecordExplanation[]): readonly string[] {
  const [first, ...others] = records;
  if (first === undefined || others.length === 0) return [];
  return first.tags.filter((tag) => others.every(({ tags }) => tags.includes(tag)));
}

function Requests({ trace }: { readonly trace: FetchTrace }) {
  const { representations, saved, requests } = trace;
  return (
    <>
      {representations !== undefined && (
        <div>
          <dt>Entities</dt>
          <dd>
            {representations} asked for, {saved} saved
          </dd>
        </div>
      )}
      {requests.map(({ startMs, endMs, status, bytes, cacheControl, error, representations: carried }) => (
        <div key={startMs}>
          <dt>Request</dt>
          <dd>
            {endMs === undefined ? 'under way' : milliseconds(endMs - startMs)}
            {carried !== undefined && ` · ${plural(carried, 'representation')}`}
            {bytes !== undefined && ` · ${size(bytes)}`}
            {status !== undefined && status !== 200 && ` · status ${status}`}
            {error !== undefined && <span className="hg-bad"> · {error}</span>}
            <br />
            <code>Cache-Control: {cacheControl ?? '(none)'}</code>
          </dd>
        </div>
      ))}
    </>
  );
}
