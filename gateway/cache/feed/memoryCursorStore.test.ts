import { describeCursorStore } from '../../../test/support/cursorStoreContract.js';
import { createMemoryCursorStore } from './memoryCursorStore.js';

describeCursorStore('memory', async () => createMemoryCursorStore());
