import { curlGet, curlPost, teachId } from '../network/curl';
import type { Run } from '../state/run';
import { changeState } from '../state/store';
import { Limits } from './Limits';

/** What the operation is called, what it weighs, and how to take it elsewhere. */
export function Operation({ run }: { readonly run: Run }) {
  const { trace, sent } = run;
  const id = trace?.operation.id;
  return (
    <section className="hg-operation" aria-label="Operation">
      <h3>Operation</h3>
      {trace?.limits !== undefined && <Limits limits={trace.limits} />}
      {id !== undefined && (
        <p>
          <span className="hg-muted">Id (SHA-256)</span> <code className="hg-id">{id}</code>
        </p>
      )}
      <div className="hg-actions">
        {id !== undefined && (
          <button type="button" className="hg-button" onClick={() => void copy(id, 'The id')}>
            Copy id
          </button>
        )}
        <button
          type="button"
          className="hg-button"
          onClick={() => void copy(curlPost(sent), 'The curl command')}
        >
          Copy as curl
        </button>
        {id !== undefined && trace?.operation.kind === 'query' && (
          <button
            type="button"
            className="hg-button"
            title="Also makes the gateway remember the id"
            onClick={async () => {
              await teachId(sent, id);
              await copy(curlGet(sent, id), 'The curl command for a GET with the id');
            }}
          >
            Copy as curl, GET by id
          </button>
        )}
      </div>
    </section>
  );
}

async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    changeState({ notice: `${what} is on the clipboard.` });
  } catch {
    changeState({ notice: `${what} could not be copied: the browser does not allow it here.` });
  }
}
