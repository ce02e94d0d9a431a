// Collapsed stacks: one a line, root to leaf, frames separated by semicolons, the count last.

// A tree of { name, value, self, children: Map }.
export function parseCollapsed(text) {
  const root = newNode('all');
  for (const line of text.split('\n')) {
    const space = line.lastIndexOf(' ');
    const count = Number(line.slice(space + 1));
    if (space <= 0 || !(count > 0)) continue;
    let node = root;
    node.value += count;
    for (const name of line.slice(0, space).split(';')) {
      let child = node.children.get(name);
      if (!child) {
        child = newNode(name);
        node.children.set(name, child);
      }
      node = child;
      node.value += count;
    }
    node.self += count;
  }
  return root;
}

function newNode(name) {
  return { name, value: 0, self: 0, children: new Map() };
}

// Functions by the samples in which they are: [{ name, self, total }], most self first.
export function functionsOf(root) {
  const functions = new Map();
  const visit = (node, above) => {
    const isOutermost = !above.has(node.name);
    let entry = functions.get(node.name);
    if (!entry) {
      entry = { name: node.name, self: 0, total: 0 };
      functions.set(node.name, entry);
    }
    entry.self += node.self;
    if (isOutermost) {
      entry.total += node.value;
      above.add(node.name);
    }
    for (const child of node.children.values()) visit(child, above);
    if (isOutermost) above.delete(node.name);
  };
  // The first level has the threads.
  for (const thread of root.children.values()) {
    for (const child of thread.children.values()) visit(child, new Set());
  }
  return [...functions.values()].sort((a, b) => b.self - a.self || b.total - a.total);
}

// The stack of a thread of GET /threads as lines.
export function stackLines(thread) {
  return (thread.frames ?? []).map((frame) => {
    const at = frame.file ? ` at ${frame.file}:${frame.line}` : '';
    return (frame.function ?? `${frame.module}+${frame.offset}`) + at;
  });
}

// What identifies a stack: names and lines may be missing if the server had no time to look them up.
export function stackAddresses(thread) {
  const frames = (thread.frames ?? []).map((frame) => `${frame.module}+${frame.offset}`);
  // An inlined function has the address of the one that it is in.
  return frames.filter((it, at) => it !== frames[at - 1]).join(' ');
}
