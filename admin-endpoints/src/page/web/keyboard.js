// Keys: digits choose a panel, '/' the search, '?' shows the keys, Escape leaves a field.
import { html, useEffect, useRef } from './vendor/preact_htm.js';

export const KEYS = [
  ['1 … 9, 0', 'choose a panel'],
  ['/', 'search in the panel'],
  ['?', 'show these keys'],
  ['Escape', 'leave a field, close this'],
  ['Ctrl+Enter', 'run the script'],
];

export function useKeys({ panels, choose, toggleHelp }) {
  useEffect(() => {
    function onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isField = event.target.matches?.('input, textarea, select');
      if (isField) {
        if (event.key === 'Escape') event.target.blur();
        return;
      }
      if (event.key === '/') {
        const field = document.querySelector('[data-search]');
        if (field) {
          event.preventDefault();
          field.focus();
        }
      } else if (event.key === '?') {
        toggleHelp();
      } else if (document.querySelector('dialog[open]')) {
        // The panel behind it stays.
      } else if (/^[0-9]$/.test(event.key)) {
        const panel = panels[(Number(event.key) + 9) % 10];
        if (panel) choose(panel.id);
      }
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [panels]);
}

export function KeysDialog({ isOpen, close }) {
  const dialog = useRef();
  useEffect(() => {
    if (isOpen) dialog.current.showModal();
    else dialog.current.close();
  }, [isOpen]);
  return html`<dialog ref=${dialog} onClose=${close} aria-label="Keys"><h2>Keys</h2>
    <dl>${KEYS.map(([key, text]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${text}</dd></div>`)}</dl>
    <button type="button" onClick=${close}>Close</button></dialog>`;
}
