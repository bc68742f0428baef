import { useGraphiQL } from '@graphiql/react';
import { size } from './panel/words';
import { changeState, useExplorerState } from './state/store';

/** Below a result that is shown shortened: the way to all of it. */
export function LargeResultBar() {
  const { large } = useExplorerState();
  const editor = useGraphiQL(({ responseEditor }) => responseEditor);
  if (large === undefined) return null;
  const { text, bytes } = large;

  function showAll(): void {
    editor?.setValue(JSON.stringify(JSON.parse(text), null, 2));
    changeState({ large: undefined });
  }

  function download(): void {
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'result.json';
    link.click();
    URL.revokeObjectURL(url);
  }

  return (
    <div className="hg-large" role="status">
      <span>This result has {size(bytes)} and is shown shortened.</span>
      <button type="button" className="hg-button" onClick={download}>
        Download
      </button>
      <button type="button" className="hg-button" onClick={showAll}>
        Show all
      </button>
    </div>
  );
}
