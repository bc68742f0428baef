import './workers';
import 'graphiql/style.css';
import './styles.css';
import { createRoot } from 'react-dom/client';
import { Explorer } from './Explorer';
import { loadSettings } from './network/settings';

async function show(element: HTMLElement): Promise<void> {
  const settings = await loadSettings();
  createRoot(element).render(<Explorer settings={settings} />);
}

const element = document.getElementById('explorer');
if (element !== null) {
  show(element).catch(() => {
    element.textContent = 'The gateway does not answer. Reload the page once it does.';
  });
}
