"use strict";
// Width and place of the boxes at scale 1, as the server drew them.
const LEFT = 10, WIDTH = 1180, CHARACTER = 6.6;
const details = document.getElementById("details");
const boxes = Array.from(document.querySelectorAll("#boxes g"), (group) => {
  const [title, rect, text] = group.children;
  const label = title.textContent;
  return {
    group, rect, text, label,
    name: label.slice(0, label.lastIndexOf(" (")),
    x: Number(rect.getAttribute("x")),
    y: Number(rect.getAttribute("y")),
    width: Number(rect.getAttribute("width")),
  };
});

function zoom(to) {
  const scale = WIDTH / to.width, tolerance = 0.02;
  for (const box of boxes) {
    const above = box.y < to.y && box.x <= to.x + tolerance
      && box.x + box.width + tolerance >= to.x + to.width;
    const inside = box.y >= to.y && box.x + tolerance >= to.x
      && box.x + box.width <= to.x + to.width + tolerance;
    box.group.style.display = above || inside ? "" : "none";
    box.group.classList.toggle("above", above);
    const x = above ? LEFT : LEFT + (box.x - to.x) * scale;
    const width = above ? WIDTH : box.width * scale;
    box.rect.setAttribute("x", x);
    box.rect.setAttribute("width", width);
    box.text.setAttribute("x", x + 3);
    const room = Math.max(0, Math.floor((width - 6) / CHARACTER));
    box.text.textContent = box.name.length <= room ? box.name
      : room <= 2 ? "" : box.name.slice(0, room - 2) + "..";
  }
}

function search(text) {
  let pattern = null;
  try {
    pattern = text === "" ? null : new RegExp(text, "i");
  } catch {
    return;
  }
  // The widths of the outermost matches: a function that calls itself counts once.
  let matched = 0;
  const counted = [];
  for (const box of boxes) {
    const matches = pattern !== null && pattern.test(box.name);
    box.group.classList.toggle("match", matches);
    const isCounted = counted.some((outer) =>
      outer.x <= box.x + 0.02 && outer.x + outer.width + 0.02 >= box.x + box.width);
    if (matches && !isCounted) {
      counted.push(box);
      matched += box.width;
    }
  }
  document.getElementById("matched").textContent =
    pattern === null ? " " : `matched: ${(matched * 100 / WIDTH).toFixed(1)}%`;
}

for (const box of boxes) {
  box.group.addEventListener("click", () => zoom(box));
  box.group.addEventListener("mouseover", () => { details.textContent = box.label; });
}
document.getElementById("search").addEventListener("input", (event) => search(event.target.value));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && boxes.length > 0) zoom(boxes[0]);
});
