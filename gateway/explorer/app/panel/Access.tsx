import { useId, useState } from 'react';
import type { ExplorerSettings } from '../../explorerSettings';
import { changeState, keepToken, useExplorerState } from '../state/store';

/** What this gateway opens to nobody without. */
export function neededTokens({ trace, introspection, purge }: ExplorerSettings) {
  return { explorer: trace === 'token' || !introspection, admin: purge === 'token' };
}

/** Tokens, where the gateway wants them, and how subscriptions travel. */
export function Access({ settings }: { readonly settings: ExplorerSettings }) {
  const { explorerToken, adminToken, transport } = useExplorerState();
  const { explorer: needsExplorer, admin: needsAdmin } = neededTokens(settings);
  const isMissing = (needsExplorer && explorerToken === '') || (needsAdmin && adminToken === '');
  const [isOpen, setOpen] = useState(isMissing);
  return (
    <details
      className="hg-access"
      open={isOpen}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>Settings{isMissing && ': a token is missing'}</summary>
      {needsExplorer && (
        <Token
          label="Explorer token, for traces and the schema"
          value={explorerToken}
          onChange={(token) => keepToken('explorerToken', token)}
        />
      )}
      {needsAdmin && (
        <Token
          label="Admin token, for purging"
          value={adminToken}
          onChange={(token) => keepToken('adminToken', token)}
        />
      )}
      <label>
        Subscriptions travel over{' '}
        <select
          value={transport}
          onChange={({ target }) => changeState({ transport: target.value === 'SSE' ? 'SSE' : 'WebSocket' })}
        >
          <option>WebSocket</option>
          <option>SSE</option>
        </select>
      </label>
      {settings.purge === 'off' && (
        <p className="hg-muted">
          Purging from here is off: this gateway has no admin token (<code>gateway.admin.token</code>).
        </p>
      )}
    </details>
  );
}

interface TokenProps {
  readonly label: string;
  readonly value: string;
  onChange(token: string): void;
}

function Token({ label, value, onChange }: TokenProps) {
  const id = useId();
  return (
    <div className="hg-token">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </div>
  );
}
