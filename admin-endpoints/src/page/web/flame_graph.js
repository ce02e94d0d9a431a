// A flame graph whose boxes are buttons: a press zooms, the root is on top.
import { html, useEffect, useMemo, useState } from './vendor/preact_htm.js';

const ROW = 20;
const MIN_SHARE = 0.002;
const MAX_BOXES = 3000;

// The boxes of a tree: { node, parents, depth, left, width }, widths and places as shares of the whole.
function layout(root, zoomed) {
  const boxes = [];
  const path = [];
  // Those above the zoomed one are as wide as it.
  for (let node = zoomed; node; node = node.parent) path.unshift(node);
  path.forEach((node, depth) => boxes.push({ node, depth, left: 0, width: 1 }));
  const queue = [{ node: zoomed, depth: path.length - 1, left: 0, width: 1 }];
  while (queue.length > 0 && boxes.length < MAX_BOXES) {
    const { node, depth, left, width } = queue.shift();
    let at = left;
    for (const child of node.sorted) {
      const share = (child.value / node.value) * width;
      if (share >= MIN_SHARE) {
        const box = { node: child, depth: depth + 1, left: at, width: share };
        boxes.push(box);
        queue.push(box);
      }
      at += share;
    }
  }
  return boxes;
}

// Links each node to its parent, and sorts children by name so that two graphs look alike.
function prepare(node, parent) {
  node.parent = parent;
  node.sorted = [...node.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const child of node.sorted) prepare(child, node);
  return node;
}

// The same colour for the functions of one crate.
function hue(name) {
  const crate = /^<?([a-z_0-9]+)/i.exec(name)?.[1] ?? name;
  let sum = 7;
  for (const character of crate) sum = (sum * 31 + character.codePointAt(0)) % 360;
  return sum;
}

export function FlameGraph({ tree, search }) {
  const root = useMemo(() => prepare(tree, null), [tree]);
  const [zoomed, setZoomed] = useState(root);
  useEffect(() => setZoomed(root), [root]);
  const current = zoomed.value > 0 && isOf(zoomed, root) ? zoomed : root;
  const boxes = useMemo(() => layout(root, current), [root, current]);
  const wanted = search.toLowerCase();
  const matches = (name) => wanted !== '' && name.toLowerCase().includes(wanted);
  const matched = useMemo(() => (wanted ? matchedShare(root, matches) : 0), [root, wanted]);
  const depth = boxes.reduce((most, box) => Math.max(most, box.depth), 0);
  return html`<div class="flame">
    <p class="row">
      <button type="button" onClick=${() => setZoomed(root)} disabled=${current === root}>Whole graph</button>
      <button type="button" onClick=${() => setZoomed(current.parent ?? root)} disabled=${current === root}>One up</button>
      <span role="status">${wanted ? `matched: ${(matched * 100).toFixed(1)}%` : ''}</span>
    </p>
    <div class="boxes" role="group" aria-label="Flame graph" style=${{ height: `${(depth + 1) * ROW}px` }}>
      ${boxes.map(({ node, depth: row, left, width }) => {
        const share = ((node.value / root.value) * 100).toFixed(1);
        return html`<button type="button" key=${`${row}:${left.toFixed(6)}:${node.name}`} class=${matches(node.name) ? 'box match' : 'box'}
          title=${`${node.name}\n${node.value} samples, ${share}%`} onClick=${() => setZoomed(node)}
          style=${{ left: `${left * 100}%`, width: `${width * 100}%`, top: `${row * ROW}px`, '--hue': hue(node.name) }}>${node.name}</button>`;
      })}
    </div>
  </div>`;
}

function isOf(node, root) {
  while (node.parent) node = node.parent;
  return node === root;
}

// The share of samples with a matching function, each counted once.
function matchedShare(root, matches) {
  let sum = 0;
  const visit = (node) => {
    if (matches(node.name)) sum += node.value;
    else node.sorted.forEach(visit);
  };
  visit(root);
  return root.value > 0 ? sum / root.value : 0;
}
