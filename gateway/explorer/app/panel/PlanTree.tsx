import type { PlanDescription } from '../../../trace/traceReport';
import type { Run } from '../state/run';
import { FetchNode } from './FetchNode';
import { fetchRow } from './fetchRows';
import { milliseconds } from './words';

interface PlanTreeProps {
  readonly run: Run;
  /** Absent for those who may not. */
  readonly onPurge: ((tag: string) => void) | undefined;
}

/** The plan as a tree, each fetch with its place on the timeline of this run. */
export function PlanTree({ run, onPurge }: PlanTreeProps) {
  const { plan, trace } = run;
  if (plan === undefined || trace === undefined) return null;
  return (
    <section className="hg-plan" aria-label="Query plan">
      <div className="hg-scale" aria-hidden="true">
        <span>0</span>
        <span>{milliseconds(trace.durationMs / 2)}</span>
        <span>{milliseconds(trace.durationMs)}</span>
      </div>
      <ol className="hg-steps">
        <Step step={plan} run={run} onPurge={onPurge} />
      </ol>
    </section>
  );
}

function Step({ step, run, onPurge }: PlanTreeProps & { readonly step: PlanDescription }) {
  switch (step.kind) {
    case 'fetch':
      return <FetchNode row={fetchRow(step, run)} run={run} onPurge={onPurge} />;
    case 'sequence':
    case 'parallel':
      return (
        <li className={`hg-group hg-${step.kind}`}>
          <span className="hg-group-name">
            {step.kind === 'sequence' ? 'one after the other' : 'at the same time'}
          </span>
          <ol className="hg-steps">
            {step.steps.map((child) => (
              <Step key={keyOf(child)} step={child} run={run} onPurge={onPurge} />
            ))}
          </ol>
        </li>
      );
    case 'condition':
      return (
        <li className="hg-group hg-condition">
          <span className="hg-group-name">depends on ${step.variable}</span>
          <ol className="hg-steps">
            {step.whenTrue !== undefined && <Step step={step.whenTrue} run={run} onPurge={onPurge} />}
            {step.whenFalse !== undefined && <Step step={step.whenFalse} run={run} onPurge={onPurge} />}
          </ol>
        </li>
      );
    case 'unsupported':
      return <li className="hg-group">{step.what}</li>;
  }
}

/** Steps do not move within a plan: the first fetch below one tells them apart. */
function keyOf(step: PlanDescription): string {
  return JSON.stringify(step).slice(0, 400);
}
