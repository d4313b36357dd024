"use strict";

// The page is complete without this: it adds what is said when one points at a chart, and the choice of an item.

function pointAt(plot, texts) {
  const shares = plot.dataset.x.split(" ").map(Number);
  const hover = document.createElement("div");
  const hair = document.createElement("div");
  const tip = document.createElement("div");
  hover.className = "hover";
  hair.className = "hair";
  tip.className = "tip";
  hair.hidden = tip.hidden = true;
  hover.tabIndex = 0;
  hover.setAttribute("role", "slider");
  hover.setAttribute("aria-label", plot.querySelector("title").textContent + " " + document.body.dataset.keys);
  hover.setAttribute("aria-valuemin", "1");
  hover.setAttribute("aria-valuemax", String(texts.length));
  // Nothing is read until a key is pressed, but a slider must have a value.
  hover.setAttribute("aria-valuenow", "1");
  hover.setAttribute("aria-valuetext", texts[0]);
  let at = 0;

  function show(index) {
    at = Math.max(0, Math.min(texts.length - 1, index));
    const width = plot.clientWidth;
    const x = shares[at] * width;
    hair.hidden = tip.hidden = false;
    hair.style.left = x + "px";
    tip.textContent = texts[at];
    const right = x + 14 + tip.offsetWidth <= width;
    tip.style.left = Math.max(0, right ? x + 14 : x - 14 - tip.offsetWidth) + "px";
    hover.setAttribute("aria-valuenow", String(at + 1));
    hover.setAttribute("aria-valuetext", texts[at]);
  }

  function hide() {
    hair.hidden = tip.hidden = true;
  }

  function nearest(event) {
    const box = plot.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    let best = 0;
    for (let index = 1; index < shares.length; index += 1) {
      if (Math.abs(shares[index] - share) < Math.abs(shares[best] - share)) {
        best = index;
      }
    }
    return best;
  }

  hover.addEventListener("pointermove", (event) => show(nearest(event)));
  hover.addEventListener("pointerdown", (event) => show(nearest(event)));
  hover.addEventListener("pointerleave", hide);
  hover.addEventListener("blur", hide);
  hover.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -24, PageUp: 24 };
    if (event.key in moves) {
      show(at + moves[event.key]);
    } else if (event.key === "Home") {
      show(0);
    } else if (event.key === "End") {
      show(texts.length - 1);
    } else if (event.key === "Escape") {
      hide();
      return;
    } else {
      return;
    }
    event.preventDefault();
  });
  plot.append(hover, hair, tip);
}

function chooseItem(select) {
  const parts = document.querySelectorAll("[data-item]");
  function show() {
    for (const part of parts) {
      part.hidden = part.dataset.item !== select.value;
      if (part.tagName === "DETAILS") {
        part.open = true;
      }
    }
  }
  select.closest(".choice").hidden = false;
  select.addEventListener("change", show);
  show();
}

// One step built up from its parts: a slider shows the other steps.
function slideThrough(figure) {
  const frames = figure.dataset.frames.split("\n\n").map((frame) => frame.split("\n"));
  const input = figure.querySelector("input");
  const when = figure.querySelector(".when");
  const rows = figure.querySelectorAll("tbody tr");
  function show() {
    const [label, ...cells] = frames[Number(input.value)];
    when.textContent = label;
    input.setAttribute("aria-valuetext", label);
    cells.forEach((cell, index) => {
      const [left, width, said] = cell.split("\t");
      const bar = rows[index].querySelector("rect");
      bar.setAttribute("x", left);
      bar.setAttribute("width", width);
      rows[index].querySelector(".num").textContent = said;
    });
  }
  figure.querySelector(".slide").hidden = false;
  input.addEventListener("input", show);
  show();
}

// The windows one by one.
function walkOver(details) {
  const labels = details.dataset.labels.split("\n");
  const frames = details.querySelectorAll(".frame");
  const input = details.querySelector("input");
  const output = details.querySelector("output");
  function show() {
    const at = Number(input.value);
    frames.forEach((frame, index) => {
      frame.hidden = index !== at;
    });
    output.textContent = labels[at];
    input.setAttribute("aria-valuetext", labels[at]);
  }
  details.querySelector(".slide").hidden = false;
  input.addEventListener("input", show);
  show();
}

for (const details of document.querySelectorAll(".frames")) {
  walkOver(details);
}

for (const figure of document.querySelectorAll("figure[data-frames]")) {
  slideThrough(figure);
}

for (const figure of document.querySelectorAll("figure[data-tips]")) {
  const texts = figure.dataset.tips.split("\n\n");
  for (const plot of figure.querySelectorAll(".plot[data-x]")) {
    pointAt(plot, texts);
  }
}

for (const select of document.querySelectorAll(".choice select")) {
  chooseItem(select);
}

// On paper nothing can be opened.
const closed = [];
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not([open])")) {
    closed.push(part);
    part.open = true;
  }
});
window.addEventListener("afterprint", () => {
  for (const part of closed.splice(0)) {
    part.open = false;
  }
});
